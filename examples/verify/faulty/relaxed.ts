import { graph, t } from 'quoin'

/** Its artefact adds in whatever order is fastest, and nobody who verifies it has allowed that. */
export default graph('relaxed', { amounts: t.tensor(t.f64, 'n') }, ({ amounts }) => ({
  mean: amounts.sum().div(amounts.sum().add(1)),
}))
