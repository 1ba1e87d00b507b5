import { Client } from 'pg'
import { expect, test } from 'vitest'
import { noPostgres, postgresBin, startPostgres } from './postgres.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)

test.skipIf(bin === undefined)(
  'a cluster of its own starts, crashes, starts again with its data, and goes',
  async () => {
    const server = await startPostgres(bin!)
    const ask = async (sql: string): Promise<unknown> => {
      const client = new Client(server.url)
      await client.connect()
      try {
        return (await client.query(sql)).rows
      } finally {
        await client.end()
      }
    }
    try {
      await ask('create table t as select 42 as x')
      await server.restart()
      expect(await ask('select x from t')).toEqual([{ x: 42 }])
    } finally {
      await server.close()
    }
    await expect(ask('select 1')).rejects.toThrow(/ECONNREFUSED/)
  },
)
