import { graph, t } from 'quoin'

const salt = Math.random()

/** Drawn while the graph is built: another graph, and another artefact, each time. */
export default graph('random', { x: t.f64 }, ({ x }) => ({ y: x.add(x), even: salt < 2 }))
