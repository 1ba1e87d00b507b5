import { Client } from 'pg'
import { expect, test } from 'vitest'
import { noPostgres, postgresBin, startPostgres } from '../drivers/servers/postgres.ts'
import { quoin } from './quoin.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)
const [reads, writes] = ['test/cli/fixtures/tables.ts', 'test/cli/fixtures/adds.ts']
const run = (graph: string, db: string) => quoin(['run', graph, '-t', 'interpret', '--json', '--db', `db=${db}`])

test.skipIf(bin === undefined)(
  'quoin run --db name=postgres://… reads and writes there, and a graph that only reads cannot write',
  async () => {
    const server = await startPostgres(bin!)
    try {
      const client = new Client(server.url)
      client.on('error', () => undefined)
      await client.connect()
      await client.query('create table t as select 1 as x')
      expect(await run(reads, server.url)).toMatchObject({ code: 0, out: '{"n":"1"}\n' })
      expect(await run(writes, server.url)).toMatchObject({ code: 0, out: '{"n":"2"}\n' })
      // A view that writes behind the back of a graph that only reads.
      await client.query('alter table t rename to hidden')
      await client.query(`create function sly() returns int8 language sql as
        'insert into hidden values (9) returning 1::int8'`)
      await client.query('create view t as select sly() as x')
      expect(await run(reads, server.url)).toMatchObject({ code: 1, err: expect.stringContaining('read-only') })
      await client.end()
    } finally {
      await server.close()
    }
    expect(await run(reads, 'postgres://quoin@127.0.0.1:1/x')).toMatchObject({
      code: 1,
      err: expect.stringContaining('ECONNREFUSED'),
    })
    expect(await run(reads, 'postgres://[')).toMatchObject({ code: 2, err: expect.stringContaining('that is no URL') })
  },
  60_000,
)
