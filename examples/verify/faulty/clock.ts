import { graph, t } from 'quoin'

export const builtAt = new Date()

/** Read while the graph is built, not when it runs. */
export default graph('clock', { x: t.f64 }, ({ x }) => ({ y: x.add(x) }))
