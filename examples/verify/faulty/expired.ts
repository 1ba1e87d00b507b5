import { foreign, graph, t } from 'quoin'
import { bindForeign } from 'quoin/drivers/foreign'

const price = foreign('price', { in: t.i64, out: t.f64, writes: [] })

/** It rests on what somebody promised to look at again, some years ago. */
export default graph('expired', { id: t.i64 }, ({ id }) => ({ price: price(id) }))

export const drivers = () => ({
  price: bindForeign({
    one: (id: bigint) => Number(id),
    assumptions: [
      {
        id: 'price.list',
        kind: 'external',
        statement: 'The list of prices is that of 2020.',
        dependsOn: [{ on: 'part', name: 'the list of prices' }],
        supports: ['AnswersAreTheWorlds'],
        failureMode: 'Prices are those of another year.',
        mitigation: 'Look at the list again.',
        probe: { by: 'none', reason: 'the list is on paper' },
        expiry: { after: '2020-12-31' },
      },
    ],
  }),
})
