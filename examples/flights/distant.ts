import { setTimeout as sleep } from 'node:timers/promises'
import type { Driver } from 'quoin/runtime'

/** A driver as if its database were a network away: each statement waits for one simulated round trip. */
export const distant = (driver: Driver, ms: number): Driver => ({
  ...driver,
  perform: async (call, context) => {
    await sleep(ms)
    return driver.perform(call, context)
  },
  performMany: async (batch, context) => {
    const done = await driver.performMany!(batch, context)
    for (let i = 0; i < done.roundTrips; i++) await sleep(ms)
    return done
  },
})
