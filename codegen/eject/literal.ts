const width = 110
const key = (k: string): string =>
  /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(k) && k !== '__proto__'
    ? k
    : k === '__proto__'
      ? '["__proto__"]'
      : JSON.stringify(k)

/** An expression that is a tree of objects and lists; a string stands for what is written already. */
export type Tree =
  | { readonly text: string }
  | readonly Tree[]
  | { readonly fields: readonly (readonly [string, Tree])[] }

/** Plain data as such a tree. */
export const data = (x: unknown): Tree => {
  if (Array.isArray(x)) return x.map(data)
  if (typeof x === 'object' && x !== null) return { fields: Object.entries(x).map(([k, v]) => [k, data(v)] as const) }
  return {
    text:
      typeof x === 'string' && !/['\\\n\r]/.test(x) && JSON.stringify(x) === `"${x}"` ? `'${x}'` : JSON.stringify(x),
  }
}
/** Written in a line where it fits after `used` characters, else a part a line. */
export const written = (t: Tree, indent = '', used = indent.length): string => {
  const flat = inline(t)
  if (used + flat.length <= width || 'text' in t) return flat
  const inner = `${indent}  `
  if ('fields' in t) {
    const lines = t.fields.map(([k, v]) => `${inner}${key(k)}: ${written(v, inner, inner.length + k.length + 2)},`)
    return `{\n${lines.join('\n')}\n${indent}}`
  }
  return `[\n${(t as readonly Tree[]).map((v) => `${inner}${written(v, inner)},`).join('\n')}\n${indent}]`
}
const inline = (t: Tree): string => {
  if ('text' in t) return t.text
  if (!('fields' in t)) return `[${(t as readonly Tree[]).map(inline).join(', ')}]`
  return t.fields.length === 0 ? '{}' : `{ ${t.fields.map(([k, v]) => `${key(k)}: ${inline(v)}`).join(', ')} }`
}

/** Names of fields in type texts without quotes, where they need none. */
export const unquoted = (types: string): string =>
  types.replace(/\breadonly "((?:[^"\\]|\\.)*)":/g, (all, name: string) =>
    key(name) === name ? `readonly ${name}:` : all,
  )
