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
  const leave = async (): Promise<void> => {
    for (const driver of Object.values(drivers)) await driver.close?.()
    await service.close()
    await backing.close()
  }
  const put = await interpret(putTerms, drivers, terms)
  if (put._tag === 'Left') await leave()
  orTrouble(put)
  return {
    name: backing.name,
    drivers,
    service,
    close: async () => {
      const dropped = await interpret(dropTerms, drivers, { tenant })
      await leave()
      orTrouble(dropped)
    },
  }
}

/** The rows that were written there, of all tenants. */
export const writtenIn = async (place: Place) => orTrouble(await interpret(quotations, place.drivers, {}))
