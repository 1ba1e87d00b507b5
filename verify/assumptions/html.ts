import { probeText } from '../../codegen/inventory.ts'
import type { InventoryReport, ReportedAssumption, ReportedProperty } from './report.ts'
import { evidenceText } from './report.ts'

/**
 * The report as one page that needs nothing else: no network, no fonts, no libraries. It can be filtered by words, kind and
 * property, is read well without its script, by a screen reader and on paper, and follows light and dark.
 */
export const reportHtml = (r: InventoryReport): string => {
  const title = `What ${r.property === undefined ? r.about : `${r.property} of ${r.about}`} rests on`
  const kinds = [...new Set(r.assumptions.map((a) => a.kind))].sort()
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#assumptions">To the assumptions</a>
<header>
<h1>${escaped(title)}</h1>
<p>${r.assumptions.length} assumptions under ${r.properties.length} properties. Nothing here is proved: an assumption is what has to be believed, with what happens where it is wrong.</p>
<form id="filter" role="search" hidden>
<label>Words <input type="search" name="words" autocomplete="off"></label>
<label>Kind <select name="kind"><option value="">all</option>${kinds.map(option).join('')}</select></label>
<label>Property <select name="property"><option value="">all</option>${r.properties.map((p) => option(p.name)).join('')}</select></label>
<button type="reset">All</button>
<output aria-live="polite"></output>
</form>
</header>
<main>
<section id="assumptions" aria-labelledby="a"><h2 id="a">Assumptions</h2>
${r.assumptions.map(assumption).join('\n')}
</section>
<section aria-labelledby="p"><h2 id="p">Properties</h2>
${r.properties.map(property).join('\n')}
</section>
</main>
<script>${script}</script>
</body>
</html>
`
}

const option = (name: string): string => `<option>${escaped(name)}</option>`
const links = (kind: 'a' | 'p', names: readonly string[]): string =>
  names.length === 0
    ? 'none'
    : names.map((n) => `<a href="#${kind}-${escaped(encodeURIComponent(n))}">${escaped(n)}</a>`).join(', ')
const id = (kind: 'a' | 'p', name: string): string => `id="${kind}-${escaped(encodeURIComponent(name))}"`
const fields = (rows: readonly (readonly [name: string, html: string])[]): string =>
  `<dl>${rows.map(([n, v]) => `<dt>${n}</dt><dd>${v}</dd>`).join('')}</dl>`

const assumption = (a: ReportedAssumption): string =>
  `<article ${id('a', a.id)} data-kind="${a.kind}" data-properties="${a.properties.map(escaped).join(' ')}">
<h3>${escaped(a.id)} <small>${a.kind}</small></h3>
<p>${escaped(a.statement)}</p>
${fields([
  ['Where it is wrong', escaped(a.failureMode)],
  ['Mitigation', escaped(a.mitigation)],
  ['Depends on', escaped(a.dependsOn.map((d) => (d.on === 'part' ? d.name : `${d.name} ${d.range}`)).join('; '))],
  ...(a.restsOn === undefined ? [] : ([['Rests on', escaped(a.restsOn.join(', '))]] as const)),
  ['Without it', links('p', a.properties)],
  ['Probe', escaped(probeText(a.probe))],
  ['Look again', escaped('after' in a.expiry ? `after ${a.expiry.after}` : `from ${a.expiry.of} ${a.expiry.from} on`)],
  ['Used by', escaped(typeof a.usedBy === 'string' ? a.usedBy : a.usedBy.join(', '))],
])}
</article>`
const property = (p: ReportedProperty): string =>
  `<article ${id('p', p.name)}>
<h3>${escaped(p.name)}</h3>
<p>${escaped(p.statement)}</p>
${fields([
  ['Held by', escaped(p.heldBy.map(evidenceText).join('; '))],
  ['Rests on properties', links('p', p.restsOn)],
  ['Rests on assumptions', links('a', p.assumptions)],
])}
</article>`

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

const style = `
:root { color-scheme: light dark; --line: light-dark(#bbb, #555); --dim: light-dark(#555, #aaa) }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.6rem } h3 { margin: 0 } small { color: var(--dim); font-weight: normal }
.skip { position: absolute; left: -99rem } .skip:focus { position: static }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; padding: .5rem 0 }
form[hidden], article[hidden] { display: none }
article { border-top: 1px solid var(--line); padding: 1rem 0 }
article:target { outline: 2px solid; outline-offset: 4px }
dl { display: grid; grid-template-columns: 11rem 1fr; gap: .2rem 1rem; margin: 0 }
dt { color: var(--dim) } dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } }
@media print { form, .skip { display: none } body { max-width: none; font-size: 10pt } article { break-inside: avoid } }
`
const script = `
const form = document.getElementById('filter')
const all = [...document.querySelectorAll('#assumptions article')]
const told = form.querySelector('output')
const show = () => {
  const { words, kind, property } = Object.fromEntries(new FormData(form))
  const wanted = words.toLowerCase().split(/\\s+/)
  let n = 0
  for (const a of all) {
    const text = a.textContent.toLowerCase()
    const fits = wanted.every((w) => text.includes(w)) && (kind === '' || a.dataset.kind === kind) &&
      (property === '' || a.dataset.properties.split(' ').includes(property))
    a.hidden = !fits
    if (fits) n++
  }
  told.textContent = n + ' of ' + all.length
}
addEventListener('hashchange', () => document.getElementById(location.hash.slice(1))?.removeAttribute('hidden'))
form.hidden = false
form.addEventListener('input', show)
form.addEventListener('reset', () => setTimeout(show))
form.addEventListener('submit', (e) => e.preventDefault())
show()
`
