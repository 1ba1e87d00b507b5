import type { Either } from './either.ts'
import { left, right } from './either.ts'

/**
 * URLs of requests: literal parts, and holes whose values are escaped, never spliced. A value can therefore add no
 * segment, no parameter and no fragment; what would still change the meaning of the path (`..`, nothing at all) is
 * refused.
 */

const literal = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/
const dots = /^(?:\.|%2e){1,2}$/i

/** What is wrong with the literal parts, as the end of a sentence about the URL. */
export const urlProblem = (parts: readonly string[]): string | undefined => {
  const first = parts[0] ?? ''
  if (!first.startsWith('/') || first.startsWith('//'))
    return 'does not begin with one /: the host is bound to the service'
  const odd = parts.find((p) => !literal.test(p))
  if (odd !== undefined) return `has a character that is no part of a path or query in ${JSON.stringify(odd)}`
  const [path = '', ...query] = parts.join('\0').split('?')
  if (query.length > 1) return 'has more than one ?'
  return path.split('/').some((s) => dots.test(s)) ? 'has a . or .. segment' : undefined
}

/** The URL with its holes filled: the path and query, ready to be sent; or what stands against it. */
export const renderUrl = (parts: readonly string[], holes: readonly string[]): Either<string, string> => {
  const wrong = urlProblem(parts)
  if (wrong !== undefined) return left(wrong)
  let url = parts[0]!
  let inQuery = url.includes('?')
  for (const [i, hole] of holes.entries()) {
    if (!hole.isWellFormed()) return left(`has half a character (a lone surrogate) in hole ${i + 1}`)
    if (hole === '' && !inQuery) return left(`has nothing in hole ${i + 1}, which would name another path`)
    url += encodeURIComponent(hole) + parts[i + 1]!
    inQuery ||= parts[i + 1]!.includes('?')
  }
  const [path = ''] = url.split('?')
  const dotted = path.split('/').find((s) => dots.test(s))
  return dotted === undefined
    ? right(url)
    : left(`has the segment ${JSON.stringify(dotted)}, which would name another path`)
}

/** What a request touches as far as its text tells: the path, or all paths that begin as it does before its first hole. */
export const pathPattern = (parts: readonly string[]): string => {
  const [path = ''] = (parts[0] ?? '').split('?')
  return parts.length > 1 && !(parts[0] ?? '').includes('?') ? `${path}*` : path
}
