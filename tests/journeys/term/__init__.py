"""A whole term at a community's night school, from the plan to the certificate.

| chapter | when | what happens |
|---|---|---|
| `district` | before | a district with its rooms, staff and 500 residents who have a sign-in |
| `planning` | 2 March | term and classes are planned: two holidays, a clash, a date left out |
| `drawing` | 2-9 March | 500 apply for three classes, with ranked wishes, alone and together |
| `lines` | 10-12 March | a class fills as its sign-up opens; places given back find the next |
| `lessons` | 20 March-26 June | twelve lessons, four of them without a network |
| `after` | 27 June | certificates, hours taught, statistics, and the audit |

Each chapter's functions are named as a clerk would say it; `world` is what they all stand in.
docs/term.md tells the same to those who do it every day.
"""
