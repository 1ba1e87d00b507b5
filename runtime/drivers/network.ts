/** Nothing was sent, so that even a write has surely not happened. */
const unreached = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'EAFNOSUPPORT',
  'EMFILE',
  'ENFILE',
] as const
/** A connection that was there and is no more. */
const broken = [
  'ECONNRESET',
  'ECONNABORTED',
  'ENETRESET',
  'ENOTCONN',
  'ESHUTDOWN',
  'EPIPE',
  'ETIMEDOUT',
  'EPROTO',
  'ENOBUFS',
]
const certificate = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA)/

const neverSent: ReadonlySet<string> = new Set(unreached)
const all: ReadonlySet<string> = new Set([...unreached, ...broken])

/** The system's and TLS' codes for a connection that cannot be made or broke, and whether anything can have been sent. */
export const networkCode = (code: string): { readonly sent: boolean; readonly lasting: boolean } | undefined => {
  if (certificate.test(code)) return { sent: false, lasting: true }
  return all.has(code) ? { sent: !neverSent.has(code), lasting: false } : undefined
}
