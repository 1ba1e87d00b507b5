import { fx, graph, t } from 'quoin'

export default graph('hello', { x: t.f64 }, ({ x }) => ({ y: fx`2*${x} + 1` }))
