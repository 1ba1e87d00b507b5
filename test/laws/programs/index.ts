import * as arrays from './arrays.ts'
import * as finance from './finance.ts'
import * as records from './records.ts'
import * as tables from './tables.ts'

const { pricing, profit, clamps, windows, ages } = finance
const { filters, buckets } = tables
const { layers, pages, grids, counts } = arrays

/** Where laws have to be of use: one that fires in none of these, the corpus and the examples does not stay. */
export const programs = [
  pricing,
  profit,
  clamps,
  windows,
  ages,
  filters,
  buckets,
  layers,
  pages,
  grids,
  counts,
  records.orders,
]
