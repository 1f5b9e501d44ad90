"""One lunch at real size, from the balance on 1,500 meal accounts to the claim of the month.

| chapter | when | what happens |
|---|---|---|
| `district` | before | a canteen, three estates, staff, and 1,500 residents who have a sign-in |
| `evening` | 11 March | balances come in, a menu is shown, all of them order, at four it closes |
| `papers` | 11 March, 16:01 | sheet, labels and route lists, as they are printed |
| `rounds` | 12 March, 10:15-11:34 | runs are claimed, carried, ticked with a network and without |
| `stairwell` | the same | one of these phones, in a browser: its network is cut, its battery ends |
| `doors` | 10:50-11:34 | three do not open; how they are found |
| `counter` | 11:40-12:15 | the others fetch theirs; a list without a network; walk-ins |
| `closing` | 13:05-17:00 | who did not come, money back, the till counted |
| `settling` | April, May | the claim, what changes after it, the month for everybody |
| `sums` | at the end | every fen and every portion |

Each chapter's functions are named as staff would say it; `book` is what they all have in hand.
"""
