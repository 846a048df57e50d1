"""A city-year of training that never happened, with its own ground truth (tledger simulate).

    town = make_town(Size(seed=1, cohorts=20, learners=38))       who and what is planned
    reality = live(town)                                          who was where when
    truth_of(reality)                                             what is due to whom
    blocks_of(reality)                                            what the record says of it

All four are pure and deterministic. What is due is worked out from reality and not from the events,
by code that shares nothing with the ledger's own evaluators, so that the two can be compared.
"""
