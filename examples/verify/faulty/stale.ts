import { fx, graph, t } from 'quoin'

/** Its artefact was built when the rate was another. */
export default graph('stale', { amounts: t.tensor(t.f64, 'n') }, ({ amounts }) => ({
  interest: fx`${amounts} * 0.05`.sum(),
}))
