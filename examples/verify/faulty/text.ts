import { graph, t } from 'quoin'

const twice = new Function('x', 'return x.mul(2)') as <X>(x: X) => X

/** Code that is made of a text: nobody can read what it does, and no scanner either. */
export default graph('text', { x: t.f64 }, ({ x }) => ({ y: twice(x) }))
