import { report } from '../plots/data.ts'
import { features, readCars } from './cars.ts'
import { descend, draw } from './fit.ts'

/** `npm run ridge`: miles per gallon of cars, by gradient descent on a gradient that Quoin made, against the closed form. */
const cars = readCars()
const fitted = await descend(cars)
console.log(
  `${cars.names.length} cars of ${cars.mean.toFixed(2)} miles per gallon, loss ${fitted.losses[0]!.toFixed(2)} at first and ${fitted.losses.at(-1)!.toFixed(4)} at the end`,
)
for (const [k, name] of features.entries()) console.log(`${name.padEnd(14)} ${fitted.weights[k]!.toFixed(4)}`)
const picture = 'pictures/ridge.svg'
draw(picture, cars, fitted)
report(fitted.checks, picture)
