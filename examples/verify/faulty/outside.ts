import { graph, t } from 'quoin'
import { rate } from './lib/rates.ts'

/** What it imports speaks to a service by itself, where no driver bounds, counts or tells it. */
export default graph('outside', { x: t.f64 }, ({ x }) => ({ y: x.mul(2) }))
export const today = rate
