/**
 * Everything that differs between the WeChat mini-program and H5, behind one set of names.
 *
 * Nothing else in `src/` uses `#ifdef` for a platform's calls, only for elements in components.
 */
export * from './calendar'
export * from './device'
export * from './identity'
export * from './position'
export * from './privacy'
export * from './scanning'
export * from './sharing'
export * from './subscriptions'
export * from './which'
