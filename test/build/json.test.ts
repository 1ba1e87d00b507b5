// Requirements: E1

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Graph, Json, Tensor } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { decodeGraph, digest, encodeGraph, graph, parse, print, row, sql, t } from '../../graph/index.ts'
import { sealed } from './run.ts'

const through = (g: Graph): Graph => {
  const back = decodeGraph(JSON.parse(JSON.stringify(encodeGraph(g))))
  if (back._tag === 'Left') throw new Error(JSON.stringify(back.left.problems))
  return back.right
}
const small = sealed(
  graph('small', { x: t.f64, rows: t.list(row({ a: t.f64 }), 'n') }, ({ x, rows }) => ({
    y: x.mul(2),
    z: rows.map((r) => r.a.add(x).add(3)),
    w: q.constant(t.f64, Number.NaN),
    d: sql('d').one('q', row({ v: t.i64 }))`select v from t where k = ${x}`,
  })),
)
type Doc = { [k: string]: Json } & { nodes: { [k: string]: Json }[] }
const doc = (change: (d: Doc) => unknown): string[] => {
  const d = JSON.parse(JSON.stringify(encodeGraph(small))) as Doc
  const changed = change(d)
  const r = decodeGraph(changed === undefined ? d : changed)
  return r._tag === 'Right' ? ['a graph'] : r.left.problems.map((p) => `${p.place} | ${p.cause}`)
}

describe('round trips', () => {
  test('a graph comes back as it was, with names and places', () => {
    const back = through(small)
    expect(print(back)).toBe(print(small))
    expect(digest(back)).toBe(digest(small))
    expect(back.sites).toEqual(small.sites)
    expect(encodeGraph(back)).toEqual(encodeGraph(small))
  })
  test('dimensions whose names are worked out', () => {
    const g = graph('dims', { x: t.tensor(t.f64, 'n'), y: t.tensor(t.f64, 'k') }, ({ x, y }) => {
      const part = q.slice(x, 1, -1, { step: 2 })
      return { part, both: q.concat(part, y), sum: part.add(q.slice(x, 1, -1, { step: 2 })), big: q.filter(x, x.gt(1)) }
    })
    expect(print(through(sealed(g)))).toBe(print(sealed(g)))
    const parsed = parse(print(sealed(g)))
    expect(parsed._tag === 'Right' && print(parsed.right)).toBe(print(sealed(g)))
  })
  test('random graphs', () => {
    type X = Tensor<'f64', ['n']>
    const step = fc.tuple(fc.nat(7), fc.nat(50), fc.nat(50), fc.double())
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const g = sealed(
          graph('random', { x: t.tensor(t.f64, 'n'), s: t.f64 }, ({ x, s }) => {
            const made: X[] = [x]
            for (const [op, i, j, c] of steps) {
              const [a, b] = [made[i % made.length]!, made[j % made.length]!]
              const next = [
                () => a.add(b),
                () => a.mul(c),
                () => q.exp(a),
                () => q.each(a).map((v) => v.add(s).mul(c)),
                () => q.select(a.gt(b), a, s),
                () =>
                  q.cond(
                    s.gt(c),
                    () => a.neg(),
                    () => b,
                  ),
                () => q.softmax(a),
                () =>
                  a.sub(
                    q.match(
                      q.attempt(() => q.assert(a.gt(b), 'less', b.sum())),
                      { ok: (v) => v, err: () => s },
                    ),
                  ),
              ][op]!()
              made.push(next)
            }
            return { last: made.at(-1)!, sum: made.at(-1)!.sum() }
          }),
        )
        expect(print(through(g))).toBe(print(g))
      }),
      { numRuns: 60 },
    )
  })
})
describe('what is no graph is told apart, with the place', () => {
  test.each<[string, (d: Doc) => unknown]>([
    ['an array', () => []],
    ['an empty object', () => ({})],
    [
      'a later version',
      (d) => {
        d.quoin = 2
      },
    ],
    [
      'other numbers',
      (d) => {
        d.numerics = 9
      },
    ],
    [
      'an unknown key',
      (d) => {
        d.extra = 1
      },
    ],
    [
      'an unknown stage',
      (d) => {
        d.stage = 'later'
      },
    ],
    [
      'a node that is no object',
      (d) => {
        d.nodes[1] = 3 as never
      },
    ],
    [
      'an unknown op',
      (d) => {
        d.nodes[1]!.op = 'frobnicate'
      },
    ],
    [
      'a reference to itself',
      (d) => {
        d.nodes[2]!.args = [2, 0]
      },
    ],
    [
      'a reference forward',
      (d) => {
        d.nodes[2]!.args = [0, 99]
      },
    ],
    [
      'a reference that is no number',
      (d) => {
        d.nodes[2]!.args = ['x', -1]
      },
    ],
    [
      'a type that cannot be read',
      (d) => {
        d.nodes[0]!.type = 'f65'
      },
    ],
    [
      'another type',
      (d) => {
        d.nodes[0]!.type = 'f32'
      },
    ],
    [
      'an attribute that is wrong',
      (d) => {
        d.nodes[0]!.attrs = { name: 3 }
      },
    ],
    [
      'a root that is not there',
      (d) => {
        d.root = 99
      },
    ],
    [
      'an input of another name',
      (d) => {
        d.inputs = []
      },
    ],
    [
      'two inputs of one name',
      (d) => {
        d.inputs = [
          { name: 'x', type: 'f64' },
          { name: 'x', type: 'f64' },
        ]
      },
    ],
    ['__proto__ as a key', () => JSON.parse('{"__proto__": {"x": 1}}')],
    [
      '__proto__ as an input',
      (d) => {
        d.inputs = [{ name: '__proto__', type: 'f64' }]
      },
    ],
    [
      '__proto__ as an op',
      (d) => {
        d.nodes[1]!.op = '__proto__'
      },
    ],
    [
      'constructor as an op',
      (d) => {
        d.nodes[1]!.op = 'constructor'
      },
    ],
    [
      'a body that is wrong',
      (d) => {
        const map = d.nodes.find((n) => n.op === 'map')! as { regions: { nodes: { args?: number[] }[] }[] }
        map.regions[0]!.nodes.at(-1)!.args = [50]
      },
    ],
    [
      'a parameter of another type',
      (d) => {
        const map = d.nodes.find((n) => n.op === 'map')! as unknown as { regions: { params: string[] }[] }
        map.regions[0]!.params[0] = 'i32'
      },
    ],
    [
      'an operand that does not fit',
      (d) => {
        const mul = d.nodes.find((n) => n.op === 'mul')! as { args: number[] }
        const rows = d.nodes.findIndex((n) => n.op === 'input' && (n.attrs as { name: string }).name === 'rows')
        if (rows < d.nodes.indexOf(mul as never)) mul.args = [rows, rows]
        else mul.args = []
      },
    ],
    [
      'sites that are none',
      (d) => {
        d.sites = [{ occurrence: -1 }]
      },
    ],
  ])('%s', (_, change) => expect(doc(change)).toMatchSnapshot())
  test('null is not the document', () => expect(decodeGraph(null)._tag).toBe('Left'))
  test('any JSON gives a list, never an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (j) => {
        expect(decodeGraph(j)._tag).toBe('Left')
      }),
    )
    const text = JSON.stringify(encodeGraph(small))
    // One value of a good document replaced by anything: still an answer, and mostly a refusal.
    const values = [...text.matchAll(/(?<=:|,|\[)("[^"]*"|\d+|true|false)(?=[,\]}])/g)]
    fc.assert(
      fc.property(fc.nat(values.length - 1), fc.jsonValue(), (i, j) => {
        const m = values[i]!
        const changed = text.slice(0, m.index) + JSON.stringify(j) + text.slice(m.index + m[0].length)
        const r = decodeGraph(JSON.parse(changed))
        if (r._tag === 'Right') expect(print(through(r.right))).toBe(print(r.right))
        else expect(r.left.problems[0]!.place).not.toBe('')
      }),
      { numRuns: 300 },
    )
  })
})
describe('hostile documents', () => {
  const nested = (n: number): string => `${'{"nodes":['.repeat(n)}${']}'.repeat(n)}`
  test('nested 5,000 deep', () => {
    const r = decodeGraph(JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`))
    expect(r._tag === 'Left' && r.left.problems[0]!.cause).toBe(
      'the document is nested more than 1000 deep, or holds itself',
    )
    expect(decodeGraph(JSON.parse(nested(3_000)))._tag).toBe('Left')
  })
  test('an object that holds itself', () => {
    const self: { nodes: unknown[] } = { nodes: [] }
    self.nodes.push(self, self)
    expect(decodeGraph(self)._tag).toBe('Left')
  })
  test('bodies nested as deep as the document may be', () => {
    let region: Json = { params: [], nodes: [{ op: 'const', attrs: { type: 'f64', value: 1 }, type: 'f64' }], root: 0 }
    for (let i = 0; i < 300; i++)
      region = { params: [], nodes: [{ op: 'attempt', regions: [region], type: 'f64' }], root: 0 }
    const body = region as { nodes: Json }
    const r = decodeGraph({
      quoin: 1,
      numerics: 1,
      name: 'deep',
      stage: 'source',
      inputs: [],
      nodes: body.nodes,
      root: 0,
    })
    expect(r._tag).toBe('Left')
  })
  test('a million errors are fifty problems, soon', () => {
    const d = {
      quoin: 1,
      numerics: 1,
      name: 'x',
      stage: 'source',
      inputs: [],
      root: 0,
      nodes: new Array(1_000_000).fill({ op: 7 }),
    }
    const start = performance.now()
    const r = decodeGraph(d)
    expect(r._tag === 'Left' && r.left.problems.length).toBe(50)
    expect(performance.now() - start).toBeLessThan(5_000)
  })
  test('a document of 12 MB', () => {
    const nodes: Json[] = [{ op: 'input', attrs: { name: 'x', type: 'f64' }, type: 'f64' }]
    for (let i = 1; i < 200_000; i++) nodes.push({ op: 'add', args: [i - 1, i - 1], type: 'f64' })
    const d = {
      quoin: 1,
      numerics: 1,
      name: 'long',
      stage: 'source',
      inputs: [{ name: 'x', type: 'f64' }],
      nodes,
      root: 199_999,
    }
    const start = performance.now()
    expect(decodeGraph(d)._tag).toBe('Right')
    expect(performance.now() - start).toBeLessThan(20_000)
  })
})
