/** The kind for what could not be read, in a residue and in a residue check: it is never clean. */
export const unreadable = 'could not read'
