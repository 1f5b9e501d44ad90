/**
 * From what satellites tell to what maps of China show.
 *
 * Browsers give WGS-84; WeChat's maps, and the venues' coordinates, are GCJ-02, some hundred metres
 * off. The formula is the one every open map library uses (such as `gcoord`); it is exact to a few
 * metres. Outside of China both are the same.
 */
export interface Point {
  /** Degrees. */
  latitude: number
  longitude: number
}

/** The ellipsoid of Krasovsky 1940, by which GCJ-02 is bent. */
const AXIS = 6_378_245
const ECCENTRICITY = 0.006_693_421_622_965_943

const { PI, sin, cos, sqrt, abs } = Math
const waves = (at: number, ...by: [number, number][]) =>
  by.reduce((sum, [height, pace]) => sum + height * sin(at * pace * PI), 0) * (2 / 3)

function north(x: number, y: number): number {
  const bent = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
  return (
    bent + waves(x, [20, 6], [20, 2]) + waves(y, [20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30])
  )
}

function east(x: number, y: number): number {
  const bent = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
  return bent + waves(x, [20, 6], [20, 2], [20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30])
}

const isInChina = ({ latitude, longitude }: Point) =>
  longitude > 72 && longitude < 137.9 && latitude > 0.8 && latitude < 55.9

/** A point of WGS-84 in GCJ-02. */
export function toGcj02(point: Point): Point {
  if (!isInChina(point)) return point
  const { latitude, longitude } = point
  const x = longitude - 105
  const y = latitude - 35
  const across = (latitude * PI) / 180
  const bend = 1 - ECCENTRICITY * sin(across) ** 2
  const aDegreeNorth = ((AXIS * (1 - ECCENTRICITY)) / (bend * sqrt(bend))) * (PI / 180)
  const aDegreeEast = (AXIS / sqrt(bend)) * cos(across) * (PI / 180)
  return {
    latitude: latitude + north(x, y) / aDegreeNorth,
    longitude: longitude + east(x, y) / aDegreeEast,
  }
}
