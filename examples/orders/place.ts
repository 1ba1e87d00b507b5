import type { Drivers } from 'quoin'
import { interpret } from 'quoin'
import { http } from 'quoin/drivers/http'
import type { Driver } from 'quoin/runtime'
import { orTrouble } from '../flights/trouble.ts'
import { dropTerms, putTerms, quotations, tenant, terms } from './data.ts'
import type { RateService } from './rates.ts'
import { rateService } from './rates.ts'

/** Somewhere to run, with everything in it that the graph asks for. */
export interface Place {
  readonly name: string
  readonly drivers: Drivers
  readonly service: RateService
  readonly close: () => Promise<void>
}
/** A database with the tables in it, and a store. */
export interface Backing {
  readonly name: string
  readonly orders: Driver
  readonly terms: Driver
  readonly close: () => Promise<void>
}

/** The service beside a database and a store, whichever they are. */
export const placeOf = async (backing: Backing, fails: boolean): Promise<Place> => {
  const service = await rateService(fails)
  const drivers = { orders: backing.orders, terms: backing.terms, rates: http({ base: service.base }) }
  orTrouble(await interpret(putTerms, drivers, terms))
  return {
    name: backing.name,
    drivers,
    service,
    close: async () => {
      orTrouble(await interpret(dropTerms, drivers, { tenant }))
      for (const driver of Object.values(drivers)) await driver.close?.()
      await service.close()
      await backing.close()
    },
  }
}

/** The rows that were written there, of all tenants. */
export const writtenIn = async (place: Place) => orTrouble(await interpret(quotations, place.drivers, {}))
