import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import { isLeft } from '../../graph/either.ts'
import { describeError } from '../../graph/errors.ts'
import { graph, now, kv as store, t } from '../../graph/index.ts'
import type { InventoryEntry } from '../../runtime/assumption.ts'
import { clock } from '../../runtime/drivers/clock/index.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { properties } from '../../runtime/properties.ts'
import { reportCycloneDx } from '../../verify/assumptions/cyclonedx.ts'
import { reportHtml } from '../../verify/assumptions/html.ts'
import { reportMarkdown } from '../../verify/assumptions/markdown.ts'
import { ownAssumptions } from '../../verify/assumptions/own.ts'
import { inventoryReport, reportJson } from '../../verify/assumptions/report.ts'
import { inventory } from '../../verify/inventory.ts'

const own = inventoryReport('Quoin', ownAssumptions())
const odd: InventoryEntry = {
  ...ownAssumptions()[0]!,
  id: 'odd:<b>&"\'',
  statement: '<script>alert(1)</script> & "so" on',
  usedBy: ['%1'],
}

describe('an inventory with drivers', () => {
  let entries: readonly InventoryEntry[] = []
  let noDrivers: readonly InventoryEntry[] = []
  beforeAll(async () => {
    const cache = store('cache')
    const g = graph('asked', { name: t.string }, ({ name }) => ({ at: now(), found: cache.get(name, t.f64) }))
    const c = await compile(g)
    if (isLeft(c)) throw new Error(describeError(c.left))
    noDrivers = inventory(c.right)
    entries = inventory(c.right, { clock: clock(), cache: kv() })
  })
  const entry = (id: string) => entries.find((a) => a.id === id)

  test('says by name which nodes need which driver, and what that rests on', () => {
    expect(noDrivers.map((a) => a.id)).not.toContain('kv.forgets')
    const used = entry('driver:kvGet:cache')!.usedBy
    expect(used).toEqual([expect.stringMatching(/^%\d/)])
    expect(entry('kv.forgets')!.usedBy).toEqual(used)
    expect(entry('driver:kvGet:cache')!.restsOn).toEqual(['kv.forgets'])
    expect(entry('driver:nowMs:clock')!.restsOn).toEqual(['clock.wall'])
    expect(entry('clock.wall')!.usedBy).not.toEqual(used)
    // What the entries of a driver rest on comes from Quoin's own inventory.
    expect(entry('monotonic-clock')!.usedBy).toEqual(used)
    expect(entry('hardware')!.usedBy).toBe('everything')
  })
  test('reads the same from both sides in every report', () => {
    const r = inventoryReport('it', entries)
    for (const p of r.properties)
      for (const a of r.assumptions) expect(p.assumptions.includes(a.id)).toBe(a.properties.includes(p.name))
    const one = inventoryReport('it', entries, 'KvGetIsLastSetOrNone')
    expect(one.assumptions.map((a) => a.id)).toEqual(['kv.forgets', 'monotonic-clock'])
    expect(one.properties.map((p) => p.name)).toEqual(['KvGetIsLastSetOrNone'])
    expect(JSON.parse(reportJson(r))).toEqual(r)
  })
})

describe('Markdown', () => {
  test('has every assumption and property, and links that lead somewhere', () => {
    const page = reportMarkdown(own)
    const slug = (t: string): string =>
      t
        .toLowerCase()
        .replace(/[^a-z0-9 _-]/g, '')
        .replaceAll(' ', '-')
    const heads = [...page.matchAll(/^#+ (.*)$/gm)].map((m) => slug(m[1]!))
    expect(heads).toEqual(expect.arrayContaining([...Object.keys(properties).map(slug), slug('postgres.wire')]))
    expect(new Set(heads).size).toBe(heads.length)
    const linked = [...page.matchAll(/\]\(#([^)]*)\)/g)].map((m) => m[1]!)
    expect(linked.length).toBeGreaterThan(100)
    expect(linked.filter((l) => !heads.includes(l))).toEqual([])
  })
})

describe('the page', () => {
  const page = reportHtml(inventoryReport('Quoin <&>', [...ownAssumptions(), odd]))

  test('needs nothing from elsewhere, and is no way in for what people write', () => {
    expect(page).not.toMatch(/(?:src|href)="(?!#)/)
    expect(page).not.toMatch(/@import|url\(|https?:/)
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).toContain('&#60;script&#62;alert(1)')
    expect(page).toContain("default-src 'none'")
  })
  test('links lead somewhere, ids are unique, fields have labels, headings do not skip', () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((m) => m[1]!)
    expect(new Set(ids).size).toBe(ids.length)
    const links = [...page.matchAll(/href="#([^"]*)"/g)].map((m) => m[1]!)
    expect(links.length).toBeGreaterThan(100)
    expect(links.filter((l) => !ids.includes(l))).toEqual([])
    for (const [field] of page.matchAll(/<(?:input|select)\b[^>]*>/g))
      expect(page).toMatch(new RegExp(`<label>\\w+ ${field}`))
    const levels = [...page.matchAll(/<h(\d)/g)].map((m) => Number(m[1]))
    expect(levels.filter((l, i) => l > (levels[i - 1] ?? 0) + 1)).toEqual([])
    expect(page).toMatch(/<html lang="en">[\s\S]*<title>[\s\S]*<main>[\s\S]*@media print|@media print[\s\S]*<main>/)
  })
  test('is filtered by words, kind and property', () => {
    const script = /<script>([\s\S]*)<\/script>/.exec(page)![1]!
    const articles = [
      ...page.matchAll(/<article id="a-([^"]*)" data-kind="([^"]*)" data-properties="([^"]*)">([\s\S]*?)<\/article>/g),
    ].map((m) => ({ id: m[1]!, dataset: { kind: m[2]!, properties: m[3]! }, textContent: m[4]!, hidden: false }))
    expect(articles.length).toBe(ownAssumptions().length + 1)
    const output = { textContent: '' }
    const heard = new Map<string, () => void>()
    let chosen = { words: '', kind: '', property: '' }
    const form = {
      hidden: true,
      querySelector: () => output,
      addEventListener: (event: string, f: () => void) => heard.set(event, f),
    }
    const document = { getElementById: () => form, querySelectorAll: () => articles }
    const FormData = function* () {
      yield* Object.entries(chosen)
    }
    class Data {
      [Symbol.iterator] = FormData
    }
    new Function('document', 'FormData', 'addEventListener', script)(document, Data, () => undefined)
    expect(form.hidden).toBe(false)
    const shown = (words: string, kind = '', property = ''): readonly string[] => {
      chosen = { words, kind, property }
      heard.get('input')!()
      const left = articles.filter((a) => !a.hidden).map((a) => a.id)
      expect(output.textContent).toBe(`${left.length} of ${articles.length}`)
      return left
    }
    expect(shown('').length).toBe(articles.length)
    expect(shown('pg socket listener')).toEqual(['postgres.wire'])
    expect(shown('no such words at all')).toEqual([])
    expect(shown('', 'hardware')).toEqual(['hardware'])
    expect(shown('', '', 'OraclesAreIndexed')).toEqual(['clock.wall', 'random.source'])
    expect(shown('', 'hardware', 'OraclesAreIndexed')).toEqual([])
  })
})

describe('CycloneDX', () => {
  const schemas = new URL('../../node_modules/@cyclonedx/cyclonedx-library/res/schema/', import.meta.url)
  const schema = (name: string) => JSON.parse(readFileSync(new URL(`${name}.SNAPSHOT.schema.json`, schemas), 'utf8'))
  // Formats and keywords that ajv does not know are annotations; what is tested is the shape.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema(schema('spdx'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json')
  ajv.addSchema(schema('jsf-0.82'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json')
  const validate = ajv.compile(schema('bom-1.6'))
  type Bom = {
    readonly declarations: {
      readonly claims: readonly { readonly 'bom-ref': string; readonly evidence?: readonly string[] }[]
      readonly evidence: readonly { readonly 'bom-ref': string }[]
      readonly attestations: readonly {
        readonly map: readonly { readonly requirement: string; readonly claims: readonly string[] }[]
      }[]
    }
  }
  const refsIn = (x: unknown, refs: string[] = []): string[] => {
    if (Array.isArray(x)) for (const y of x) refsIn(y, refs)
    else if (typeof x === 'object' && x !== null)
      for (const [k, v] of Object.entries(x)) {
        if (k === 'bom-ref') refs.push(v as string)
        else refsIn(v, refs)
      }
    return refs
  }

  test('declarations are valid by the schema of CycloneDX 1.6, and every reference leads somewhere', () => {
    for (const report of [own, inventoryReport('it', [odd], 'SameMeaning'), inventoryReport('empty', [])]) {
      const bom = JSON.parse(reportCycloneDx(report)) as Bom
      expect(validate(bom) ? [] : validate.errors).toEqual([])
      const refs = refsIn(bom)
      expect(new Set(refs).size).toBe(refs.length)
      const { claims, attestations, evidence } = bom.declarations
      const used = [
        ...attestations.flatMap((a) => a.map.flatMap((m) => [m.requirement, ...m.claims])),
        ...claims.flatMap((c) => c.evidence ?? []),
      ]
      expect(used.filter((u) => !refs.includes(u))).toEqual([])
      expect(claims.length).toBe(report.assumptions.length)
      expect(evidence.length).toBeGreaterThanOrEqual(claims.length)
    }
  })
  test('the schema refuses what is wrong, so it looks', () => {
    const bom = JSON.parse(reportCycloneDx(own)) as { declarations: { claims: { predicate: unknown }[] } }
    bom.declarations.claims[0]!.predicate = 1
    expect(validate(bom)).toBe(false)
  })
  test('the same report gives the same bytes, another another number', () => {
    expect(reportCycloneDx(own)).toBe(reportCycloneDx(inventoryReport('Quoin', ownAssumptions())))
    const serial = (about: string): string =>
      (JSON.parse(reportCycloneDx(inventoryReport(about, [odd]))) as { serialNumber: string }).serialNumber
    expect(serial('a')).not.toBe(serial('b'))
    expect(serial('a')).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
