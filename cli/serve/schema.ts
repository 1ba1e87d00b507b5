import type { Elem } from '../../graph/elem.ts'
import { isDecimal } from '../../graph/elem.ts'
import type { Fields, Type } from '../../graph/types.ts'
import { showType } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'

type Schema = { readonly [key: string]: Json }

/** The JSON form of a type (see `encodeValue`) as JSON Schema 2020-12, which OpenAPI 3.1 speaks. */
export const schemaOf = (t: Type): Schema => {
  switch (t.kind) {
    case 'tensor': {
      let s = cell(t.elem)
      for (const d of [...t.shape].reverse()) s = array(s, d)
      return t.shape.length === 0 ? s : { ...s, description: showType(t) }
    }
    case 'option':
      return {
        anyOf: [{ type: 'null' }, { type: 'array', prefixItems: [schemaOf(t.of)], minItems: 1, maxItems: 1 }],
        description: 'null for none, [value] for some',
      }
    case 'record':
      return object(t.fields)
    case 'list':
      return array(schemaOf(t.of), t.dim)
    case 'union':
      return { oneOf: t.cases.map((c) => object([c])) }
    case 'result':
      return { oneOf: [object([['ok', t.of]]), closed({ err: failure })] }
  }
}
const closed = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})
const failure: Schema = closed({ tag: { type: 'string' }, message: { type: 'string' } })
const object = (fields: Fields): Schema => closed(Object.fromEntries(fields.map(([n, f]) => [n, schemaOf(f)])))
const array = (items: Schema, d: string | number): Schema =>
  typeof d === 'number' ? { type: 'array', items, minItems: d, maxItems: d } : { type: 'array', items }

const cell = (e: Elem): Schema => {
  switch (e) {
    case 'f64':
    case 'f32':
      return { anyOf: [{ type: 'number' }, { enum: ['NaN', '-0', 'Infinity', '-Infinity'] }] }
    case 'i32':
      return { type: 'integer', minimum: -2147483648, maximum: 2147483647 }
    case 'u32':
      return { type: 'integer', minimum: 0, maximum: 4294967295 }
    case 'i64':
    case 'u64':
      return { type: 'string', pattern: e === 'i64' ? '^-?\\d+$' : '^\\d+$', description: `${e} as decimal text` }
    case 'bool':
      return { type: 'boolean' }
    case 'string':
      return { type: 'string' }
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64' }
    case 'timestamp':
      return { type: 'string', format: 'date-time' }
    case 'json':
      return {}
    case 'unit':
      return { type: 'null' }
    default:
      return { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$', description: isDecimal(e) ? e : '' }
  }
}

/** What is served under one name. */
export interface Endpoint {
  readonly name: string
  readonly input: Type
  readonly output: Type
}
/** Errors as they are answered: the tag says which, the text what to do. */
const problem: Schema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['tag', 'cause', 'remedy'],
      properties: {
        tag: { type: 'string' },
        node: { type: 'string' },
        cause: { type: 'string' },
        remedy: { type: 'string' },
        occurrence: { type: 'integer' },
        iteration: { type: 'array', items: { type: 'integer' } },
        outcome: { enum: ['unknown'] },
      },
    },
  },
}
const content = (schema: Json): Json => ({ 'application/json': { schema } })
const errors: Readonly<Record<string, string>> = {
  400: 'the body is not what the graph takes',
  409: 'others got in the way: it may be tried again',
  422: 'an assertion or decoding of the graph failed',
  500: 'a mistake of the server',
  502: 'what the graph asks did not do it',
  503: 'a bound was reached, or the server goes away',
  504: 'it took too long',
}

/** The OpenAPI document of what is served. */
export const openApi = (endpoints: readonly Endpoint[], version: string): Json => ({
  openapi: '3.1.0',
  info: { title: 'Graphs served by Quoin', version },
  paths: Object.fromEntries(
    endpoints.map(({ name, input, output }) => [
      `/graphs/${encodeURIComponent(name)}`,
      {
        post: {
          operationId: name,
          summary: `${name}: ${showType(input)} → ${showType(output)}`,
          requestBody: { required: true, content: content(schemaOf(input)) },
          responses: {
            200: { description: 'the result', content: content(schemaOf(output)) },
            ...Object.fromEntries(
              Object.entries(errors).map(([status, description]) => [
                status,
                { description, content: content({ $ref: '#/components/schemas/Problem' }) },
              ]),
            ),
          },
        },
      },
    ]),
  ),
  components: { schemas: { Problem: problem } },
})
