/** Search over the promises. The page is whole without it: the box only shows when this runs. */
export const script = `
document.documentElement.classList.add('scripted')
const box = document.getElementById('search')
const rows = [...document.querySelectorAll('.promise')].map((row) => {
  const told = row.matches('.drawn') ? row.previousElementSibling : row
  return { row, text: told.textContent.toLowerCase() }
})
const none = document.getElementById('none')
function search() {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean)
  for (const { row, text } of rows) row.hidden = !words.every((word) => text.includes(word))
  none.hidden = rows.some(({ row }) => row.offsetParent !== null)
}
box.addEventListener('input', search)
document.addEventListener('change', search)
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== box) { event.preventDefault(); box.focus() }
  if (event.key === 'Escape' && document.activeElement === box) { box.value = ''; search() }
})
`
