/** Searches the verdicts, and shows a filtered-out row when a link leads to it. The page is complete without the script. */
export const script = `
document.documentElement.classList.add('scripted')
const box = document.getElementById('search')
const rows = [...document.querySelectorAll('.promise')].map((row) => {
  const source = row.matches('.drawn') ? row.previousElementSibling : row
  return { row, text: source.textContent.toLowerCase() }
})
const none = document.getElementById('none')
function search() {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean)
  for (const { row, text } of rows) row.hidden = !words.every((word) => text.includes(word))
  none.hidden = rows.some(({ row }) => row.offsetParent !== null)
}
box.addEventListener('input', search)
document.addEventListener('change', search)
function reveal() {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (!row || !row.matches('.promise')) return
  document.getElementById('show-' + row.dataset.status).checked = true
  box.value = ''
  search()
  row.scrollIntoView()
}
addEventListener('hashchange', reveal)
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== box) { event.preventDefault(); box.focus() }
  if (event.key === 'Escape' && document.activeElement === box) { box.value = ''; search() }
})
`
