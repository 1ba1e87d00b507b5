import { fx, graph, loop, now, t } from 'quoin'

/** Something of each kind that an artefact holds: kernels, operations of the host, bodies, a loop, a call, an assertion. */
export default graph(
  'format',
  { x: t.tensor(t.f64, 'n'), rows: t.list(t.record({ name: t.string, v: t.f64 }), 'k'), turns: t.f64 },
  ({ x, rows, turns }) => ({
    sum: fx`sin(${x}) * ${x} + 1`.sum(),
    squares: fx`${x} * ${x}`,
    rows: rows.map((r) => ({ name: r.name, twice: fx`2 * ${r.v}` })),
    looped: loop(
      { i: turns, s: 1 },
      { max: 100, while: (v) => v.i.gt(0), step: (v) => ({ i: fx`${v.i} - 1`, s: fx`${v.s} * 1.5` }) },
    ).s,
    at: now(),
  }),
)
