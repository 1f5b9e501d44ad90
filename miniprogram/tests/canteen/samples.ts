import type { Order } from '@/canteen/basket'
import type { Canteen, Dish, Kitchen, Menu } from '@/canteen/wording'

export const dish = (more: Partial<Dish> = {}): Dish => ({
  id: 1,
  dish_id: 11,
  name: '红烧豆腐',
  about: null,
  picture: null,
  list_fen: 800,
  price_fen: 800,
  ingredients: null,
  allergens: [],
  traits: [],
  for_children: false,
  is_set: false,
  left: null,
  ...more,
})

/** Tomorrow's lunch, to be ordered until four today. */
export const menu = (more: Partial<Menu> = {}): Menu => ({
  id: 1,
  day: '2026-03-19',
  meal: 'lunch',
  starts_at: '2026-03-19T11:00:00+08:00',
  ends_at: '2026-03-19T12:30:00+08:00',
  closes_at: '2026-03-18T16:00:00+08:00',
  cancelled: false,
  dishes: [dish()],
  ...more,
})

const meal = (more: Partial<Canteen['meals'][number]> = {}): Canteen['meals'][number] => ({
  meal: 'lunch',
  from_minute: 660,
  until_minute: 750,
  modes: ['dine_in', 'pick_up', 'delivery'],
  most: 2,
  ...more,
})

export const breakfast = meal({
  meal: 'breakfast',
  from_minute: 390,
  until_minute: 510,
  modes: ['dine_in'],
})

export const kitchen = (more: Partial<Kitchen> = {}): Kitchen => ({
  id: 1,
  name: '春晖社区食堂',
  place_id: 3,
  place_name: '春晖社区',
  address: null,
  phone: null,
  picture: null,
  delivery_fen: 200,
  free_from_fen: 3000,
  meals: [breakfast, meal()],
  menus: [menu()],
  ...more,
})

/** Last week's lunch, of which one portion of tofu was had. */
export const order = (more: Partial<Order> = {}): Order => ({
  booking_id: 5,
  meal_service_id: 9,
  canteen_id: 1,
  canteen_name: '春晖社区食堂',
  day: '2026-03-12',
  meal: 'lunch',
  mode: 'dine_in',
  state: 'attended',
  served_at: null,
  served_way: null,
  delivery: null,
  delivery_at: null,
  delivery_reason: null,
  person_id: 7,
  person_name: '王秀英',
  starts_at: '2026-03-12T11:00:00+08:00',
  ends_at: '2026-03-12T12:30:00+08:00',
  closes_at: '2026-03-11T16:00:00+08:00',
  may_change: false,
  revision: 1,
  list_fen: 800,
  discount_fen: 0,
  subsidy_fen: 200,
  fee_fen: 0,
  pays_fen: 600,
  dishes: [line()],
  ...more,
})

export const line = (more: Partial<Order['dishes'][number]> = {}): Order['dishes'][number] => ({
  id: 90,
  dish_id: 11,
  name: '红烧豆腐',
  portions: 1,
  list_fen: 800,
  discount_fen: 0,
  subsidy_fen: 200,
  pays_fen: 600,
  instead: null,
  ...more,
})
