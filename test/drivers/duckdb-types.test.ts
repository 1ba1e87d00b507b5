import * as duckdb from '@duckdb/node-api'
import { expect, test } from 'vitest'
import type { Elem } from '../../graph/elem.ts'
import { scalar } from '../../graph/types.ts'
import { binderFor } from '../../runtime/drivers/duckdb/bind.ts'
import type { DuckEngine } from '../../runtime/drivers/duckdb/engine.ts'
import { typeName } from '../../runtime/drivers/duckdb/type-names.ts'

const elems: readonly Elem[] = [
  ...(['f64', 'f32', 'i32', 'u32', 'i64', 'u64', 'bool', 'string', 'bytes', 'timestamp', 'json', 'unit'] as const),
  'decimal(0)',
  'decimal(2)',
]
test.each(elems)('%s is shown as the type it is bound as', (e) =>
  expect(typeName(e)).toBe(binderFor(duckdb as unknown as DuckEngine, scalar(e))?.duck.toString()),
)
