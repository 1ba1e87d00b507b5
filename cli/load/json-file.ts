import { readFile, stat } from 'node:fs/promises'
import { failed, misused } from '../failure.ts'

/** More than this does not fit into one JavaScript string. */
const mostBytes = 500_000_000

/** Reads a JSON document; what is wrong with it is said with its line. `fix` tells what should be in it. */
export const readJson = async (file: string, shown: string, fix: string): Promise<unknown> =>
  parseJson(await bytesOf(file, shown), shown, fix)

const bytesOf = async (file: string, shown: string): Promise<Uint8Array> => {
  try {
    const { size } = await stat(file)
    if (size > mostBytes)
      throw failed(
        `${shown} has ${size.toLocaleString('en-US')} bytes, and at most ${mostBytes.toLocaleString('en-US')} can be read as one document`,
        'split it',
      )
    return await readFile(file)
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    if (code === 'ENOENT') throw misused(`there is no file ${shown}`, 'check the path')
    if (code === 'EISDIR') throw misused(`${shown} is a directory, not a file`, 'give the JSON file')
    if (code === 'EACCES')
      throw misused(`${shown} cannot be read: permission denied`, 'check the permissions of the file')
    throw e
  }
}

export const parseJson = (bytes: Uint8Array, shown: string, fix: string): unknown => {
  if (bytes.length > mostBytes)
    throw failed(`${shown} has more than ${mostBytes.toLocaleString('en-US')} bytes`, 'split it')
  if (nestedTooDeep(bytes)) throw failed(`${shown} is nested more than ${deepest.toLocaleString('en-US')} deep`, fix)
  const text = decode(bytes, shown)
  if (text.trim() === '') throw failed(`${shown} is empty`, fix)
  try {
    return JSON.parse(text) as unknown
  } catch (e) {
    const message = e instanceof Error ? e.message : String(e)
    throw failed(`${shown}${placeIn(message, text)}: not JSON: ${cut(message)}`, fix)
  }
}

const deepest = 2000
/** A file that is nothing but brackets costs the engine's parser half a minute; counting them takes a moment. */
const nestedTooDeep = (bytes: Uint8Array): boolean => {
  let depth = 0
  let inText = false
  for (let i = 0; i < bytes.length; i++) {
    const b = bytes[i]
    if (inText) {
      if (b === 0x5c) i++
      else if (b === 0x22) inText = false
    } else if (b === 0x22) inText = true
    else if (b === 0x5b || b === 0x7b) {
      if (++depth > deepest) return true
    } else if (b === 0x5d || b === 0x7d) depth--
  }
  return false
}

const decode = (bytes: Uint8Array, shown: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw failed(`${shown} is not UTF-8 text`, 'save it as UTF-8')
  }
}

/** The engine names a position for most mistakes; the end of the text is the place of the others. */
const placeIn = (message: string, text: string): string => {
  const m = /at position (\d+)/.exec(message)
  if (m === null && !message.includes('end of JSON')) return ''
  const before = text.slice(0, m === null ? text.length : Number(m[1]))
  const line = before.split('\n').length
  return `:${line}:${before.length - before.lastIndexOf('\n')}`
}
const cut = (message: string): string =>
  message
    .replace(/ in JSON at position .*$/s, '')
    .replace(/\s+/g, ' ')
    .slice(0, 160)
