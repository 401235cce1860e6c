/** Under this kind stands what could not be looked at, in a residue and in a residue check: it is never clean. */
export const unreadable = 'could not read'
