import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Points of one colour, joined by lines or not. */
export interface Series {
  readonly name: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  readonly points?: boolean
}
const colours = ['#1b6ca8', '#c8553d', '#4b8b3b', '#8a5aa8', '#b8860b', '#555555']
const [width, height, edge] = [420, 280, 44]

const range = (all: readonly ArrayLike<number>[]): readonly [number, number] => {
  const cells = all.flatMap((a) => Array.from(a)).filter(Number.isFinite)
  const [low, high] = [Math.min(...cells), Math.max(...cells)]
  return high > low ? [low, high] : [low - 1, low + 1]
}
const short = (n: number): string => String(Number(n.toPrecision(3)))
const escaped = (s: string): string => s.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)

/** One chart: a frame, its ranges, a legend, and the series in it. */
const chart = (title: string, series: readonly Series[], at: number): string => {
  const [x0, x1] = range(series.map((s) => s.x))
  const [y0, y1] = range(series.map((s) => s.y))
  const across = (v: number): string => (edge + ((v - x0) / (x1 - x0)) * (width - 2 * edge)).toFixed(1)
  const up = (v: number): string => (height - edge - ((v - y0) / (y1 - y0)) * (height - 2 * edge)).toFixed(1)
  const drawn = series.map(({ name, x, y, points = false }, k) => {
    const colour = colours[k % colours.length]!
    const places = Array.from(x, (v, i) => [across(v), up(y[i]!)] as const)
    const marks = points
      ? places.map(([a, b]) => `<circle cx="${a}" cy="${b}" r="2" fill="${colour}" fill-opacity="0.6"/>`).join('')
      : `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${places.map((p) => p.join()).join(' ')}"/>`
    const label = `<text x="${edge + 6}" y="${edge + 12 + 13 * k}" fill="${colour}">${escaped(name)}</text>`
    return marks + label
  })
  const text = (x: number, y: number, s: string, anchor = 'middle'): string =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(s)}</text>`
  return `<g transform="translate(${(at % 2) * width},${Math.floor(at / 2) * height})">
<rect x="${edge}" y="${edge}" width="${width - 2 * edge}" height="${height - 2 * edge}" fill="none" stroke="#999"/>
${text(width / 2, edge - 12, title)}${text(edge, height - edge + 15, short(x0))}${text(width - edge, height - edge + 15, short(x1))}
${text(edge - 4, height - edge, short(y0), 'end')}${text(edge - 4, edge + 10, short(y1), 'end')}
${drawn.join('\n')}</g>`
}

const save = (path: string, w: number, h: number, body: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" font-family="sans-serif" font-size="11">`
  writeFileSync(path, `${head}<rect width="${w}" height="${h}" fill="white"/>${body}</svg>\n`)
}
/** Charts side by side, two in a row, as an SVG file. */
export const saveCharts = (path: string, charts: Readonly<Record<string, readonly Series[]>>): void => {
  const all = Object.entries(charts)
  const body = all.map(([title, series], k) => chart(title, series, k)).join('\n')
  save(path, width * Math.min(2, all.length), height * Math.ceil(all.length / 2), body)
}

/** A field of rows of cells from 0 to 1. */
export interface Field {
  readonly title: string
  readonly columns: number
  readonly cells: ArrayLike<number>
}
const heat = (v: number): string => {
  const c = Math.max(0, Math.min(1, v))
  const part = (from: number, to: number): number =>
    Math.round(255 * Math.max(0, Math.min(1, (c - from) / (to - from))))
  return `rgb(${part(0, 0.45)},${part(0.3, 0.8)},${part(0.7, 1)})`
}
/** Fields as pictures, `across` in a row, from black over red and yellow to white. */
export const saveFields = (path: string, fields: readonly Field[], across: number, cell = 3): void => {
  const rows = (f: Field): number => f.cells.length / f.columns
  const [w, h] = [Math.max(...fields.map((f) => f.columns)) * cell + 10, Math.max(...fields.map(rows)) * cell + 26]
  const body = fields.map((f, k) => {
    const colours = Array.from(f.cells, (v) => heat(Math.round(v * 48) / 48))
    const cells: string[] = []
    // Neighbours of one colour are one rectangle.
    for (let i = 0, end = 0; i < colours.length; i = end) {
      end = i + 1
      while (end % f.columns !== 0 && colours[end] === colours[i]) end++
      const [x, y] = [(i % f.columns) * cell, Math.floor(i / f.columns) * cell]
      cells.push(`<rect x="${x}" y="${y}" width="${(end - i) * cell}" height="${cell}" fill="${colours[i]}"/>`)
    }
    const title = `<text x="0" y="-6">${escaped(f.title)}</text>`
    return `<g transform="translate(${5 + (k % across) * w},${20 + Math.floor(k / across) * h})" shape-rendering="crispEdges">${title}${cells.join('')}</g>`
  })
  save(path, w * across + 5, h * Math.ceil(fields.length / across) + 5, body.join('\n'))
}
