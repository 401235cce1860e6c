/** Plain numbers instead of typed ones: there is one list for each of many objects, most of them short. */
export function filled(length: number, value: number): number[] {
  const list: number[] = []
  for (let n = 0; n < length; n++) list.push(value)
  return list
}
