"""Histories written by hand, by model: what may happen, and what may not."""

GOOD = {
    "wallet": {
        "two at once, one after the other": """
            0-1 top-up a 100 → ok
            2-5 pay p 70 → ok
            3-6 pay q 70 → poor 30
            7-8 read → read 30""",
        "a read beside a payment sees either balance": """
            0-1 top-up a 100 → ok
            2-9 pay p 70 → ok
            3-4 read → read 100
            5-6 read → read 30""",
        "a payment without an answer may have happened": """
            0-1 top-up a 100 → ok
            2- pay p 70 → ?
            5-6 read → read 30""",
        "or not": """
            0-1 top-up a 100 → ok
            2- pay p 70 → ?
            5-6 read → read 100
            7-8 read → read 30""",
        "what is repeated happens once": """
            0-1 top-up a 100 → ok
            2-3 top-up a 100 → ok
            4-5 pay p 70 → ok
            6-7 pay p 70 → ok
            8-9 read → read 30""",
        "a refund is credited within its bound": """
            0-1 top-up a 100 → ok
            2-3 pay p 70 → ok
            4-20 credit r 70 → ?
            5-6 read → read 30
            21-22 read → read 100""",
    },
    "units": {
        "one of two gets the last unit": """
            0-1 limit 1 → ok
            2-5 hold p @ann → ok
            3-6 hold q @bob → short
            7-8 read → read 0""",
        "a cancelled payment's unit is there for its user at once": """
            0-1 limit 1 → ok
            2-3 hold p @ann → ok
            4-5 leave p @ann → ok
            4-20 release p → ?
            6-7 hold q @bob → short
            8-9 hold r @ann → ok
            21-22 read → read 0""",
        "and for others after a while": """
            0-1 limit 1 → ok
            2-3 hold p @ann → ok
            4-5 leave p @ann → ok
            4-20 release p → ?
            6-7 read → read 0
            21-22 hold q @bob → ok""",
        "a checkout that fails has held a unit meanwhile": """
            0-1 limit 1 → ok
            2-9 hold p @ann → ?
            2-9 release p → ?
            3-4 hold q @bob → short
            10-11 hold r @bob → ok""",
        "what is sold is not released by its expiry": """
            0-1 limit 1 → ok
            2-3 hold p @ann → ok
            4-5 sell p → ok
            6- release p → ?
            7-8 read → read 0
            9-10 limit 3 → ok
            11-12 read → read 2""",
    },
    "sale": {
        "each user has one claim": """
            0-1 open 2 → ok
            2-3 claim @ann → ok c1
            4-5 claim @ann → ok c1
            6-7 claim @bob → ok c2
            8-9 claim @eve → sold-out""",
        "a claim without an answer is found again": """
            0-1 open 1 → ok
            2- claim @ann → ?
            3-4 claim @bob → sold-out
            5-6 claim @ann → ok c1""",
        "what is released is claimed by another": """
            0-1 open 1 → ok
            2-3 claim @ann → ok c1
            4-5 release c1 @ann → ok
            6-7 claim @bob → ok c2
            8-9 buy c2 @bob → ok
            10-11 read → read 0""",
        "so is what has expired": """
            0-1 open 1 → ok
            2-3 claim @ann → ok c1
            10- expire c1 @ann → ?
            11-12 claim @bob → ok c2
            13-14 release c1 @ann → refused""",
        "a refunded claim's unit returns": """
            0-1 open 1 → ok
            2-3 claim @ann → ok c1
            4-5 buy c1 @ann → ok
            6-20 return c1 @ann → ?
            7-8 claim @bob → sold-out
            21-22 claim @bob → ok c2""",
    },
    "order": {
        "from placed to paid": """
            0-1 place → ok
            2-3 start p → ok
            4-5 read → ORDERED
            6-7 pay p → ok
            8-9 read → PAID""",
        "a cancelled payment's order is paid anew": """
            0-1 place → ok
            2-3 start p → ok
            4-5 cancel-payment p → ok
            6-7 read → READY
            8-9 start q → ok
            10-11 pay q → ok
            12-13 cancel → refused""",
        "an expired payment's order is cancelled": """
            0-1 place → ok
            2-3 start p → ok
            4- expire p → ?
            5-6 read → READY
            7-8 cancel → ok
            9-10 read → CANCELLED""",
    },
    "ownership": {
        "bought, given back and bought again": """
            0-1 buy p → ok
            2-3 read → owned
            4-7 revoke p → ok
            4-7 free p → ok
            8-9 read → not-owned
            10-11 buy q → ok
            12-13 play → ok
            14-15 keep q → played""",
        "between the two steps of a refund it is neither owned nor for sale": """
            0-1 buy p → ok
            2-9 revoke p → ok
            2-9 free p → ok
            3-4 read → not-owned
            5-6 buy q → owned
            10-11 buy r → ok""",
        "one of two checkouts buys": """
            0-5 buy p → ok
            1-6 buy q → owned
            7-8 wish → owned""",
    },
    "session": {
        "each token is used once": """
            0-1 login → ok a
            2-3 refresh a → ok b
            4-5 refresh b → ok c
            6-7 read → ok""",
        "of two uses one succeeds, and the session ends": """
            0-1 login → ok a
            2-5 refresh a → ok b
            3-6 refresh a → refused
            3-9 cut → ?
            7-8 read → ok
            10-11 refresh b → refused
            10-12 cut → ?
            13-14 read → refused""",
    },
}

BAD = {
    "wallet": {
        "a lost update": """
            0-1 top-up a 100 → ok
            2-5 top-up b 50 → ok
            3-6 top-up c 30 → ok
            7-8 read → read 150""",
        "more is spent than there is": """
            0-1 top-up a 100 → ok
            2-5 pay p 70 → ok
            3-6 pay q 70 → ok""",
        "a stale read": """
            0-1 top-up a 100 → ok
            2-3 pay p 70 → ok
            4-5 read → read 100""",
        "a read goes back in time": """
            0-1 top-up a 100 → ok
            2-9 pay p 70 → ok
            3-4 read → read 30
            5-6 read → read 100""",
        "charged twice": """
            0-1 top-up a 200 → ok
            2-3 pay p 70 → ok
            4-5 pay p 70 → ok
            6-7 read → read 60""",
        "refused although there is enough": """
            0-1 top-up a 100 → ok
            2-3 pay p 70 → poor 100""",
        "a refund that is late": """
            0-1 top-up a 100 → ok
            2-3 pay p 70 → ok
            4-20 credit r 70 → ?
            21-22 read → read 30""",
    },
    "units": {
        "the last unit twice": """
            0-1 limit 1 → ok
            2-5 hold p @ann → ok
            3-6 hold q @bob → ok""",
        "a unit is lost": """
            0-1 limit 1 → ok
            2-3 hold p @ann → ok
            4-5 leave p @ann → ok
            4-20 release p → ?
            21-22 hold q @bob → short""",
        "the user does not get the unit that they have left": """
            0-1 limit 1 → ok
            2-3 hold p @ann → ok
            4-5 leave p @ann → ok
            4-20 release p → ?
            6-7 hold q @ann → short""",
        "the unit that one user has left is free twice": """
            0-1 limit 1 → ok
            2-3 hold p @ann → ok
            4-5 leave p @ann → ok
            4-20 release p → ?
            6-7 hold q @ann → ok
            21-22 hold r @bob → ok""",
        "a sold unit is sold again": """
            0-1 limit 1 → ok
            2-3 hold p @ann → ok
            4-5 sell p → ok
            6- release p → ?
            7-8 hold q @bob → ok""",
        "fewer units than are taken": """
            0-1 limit 2 → ok
            2-3 hold p @ann → ok
            4-5 hold q @bob → ok
            6-7 limit 1 → ok""",
    },
    "sale": {
        "a double grant": """
            0-1 open 1 → ok
            2-5 claim @ann → ok c1
            3-6 claim @bob → ok c2""",
        "two claims of one user": """
            0-1 open 2 → ok
            2-3 claim @ann → ok c1
            4-5 claim @ann → ok c2""",
        "sold out although a unit is left": """
            0-1 open 2 → ok
            2-3 claim @ann → ok c1
            4-5 claim @bob → sold-out""",
        "an ended claim is bought": """
            0-1 open 1 → ok
            2-3 claim @ann → ok c1
            4-5 release c1 @ann → ok
            6-7 buy c1 @ann → ok""",
        "a bought claim expires": """
            0-1 open 1 → ok
            2-3 claim @ann → ok c1
            4-5 buy c1 @ann → ok
            6- expire c1 @ann → ?
            7-8 claim @bob → ok c2""",
        "two users without an answer, and one unit": """
            0-1 open 1 → ok
            2- claim @ann → ?
            3- claim @bob → ?
            4-5 claim @ann → ok c1
            6-7 claim @bob → ok c2""",
    },
    "order": {
        "read as it was": """
            0-1 place → ok
            2-3 start p → ok
            4-5 pay p → ok
            6-7 read → ORDERED""",
        "two payments of one order": """
            0-1 place → ok
            2-5 start p → ok
            3-6 start q → ok""",
        "paid after it was cancelled": """
            0-1 place → ok
            2-3 start p → ok
            4-5 cancel-payment p → ok
            6-7 pay p → ok""",
        "cancelled after it was paid": """
            0-1 buy p → ok
            2-3 cancel → ok""",
    },
    "ownership": {
        "a paid game is not there": """
            0-1 buy p → ok
            2-3 read → not-owned""",
        "bought twice": """
            0-5 buy p → ok
            1-6 buy q → ok""",
        "played after it was given back": """
            0-1 buy p → ok
            2-3 revoke p → ok
            2-3 free p → ok
            4-5 play → ok""",
        "given back after it was played": """
            0-1 buy p → ok
            2-3 play → ok
            4-5 revoke p → ok""",
        "refused as played, and never played": """
            0-1 buy p → ok
            2-3 keep p → played""",
        "the own refund is not seen": """
            0-1 buy p → ok
            2-3 revoke p → ok
            2-3 free p → ok
            4-5 buy q → owned""",
    },
    "session": {
        "a token is used twice": """
            0-1 login → ok a
            2-5 refresh a → ok b
            3-6 refresh a → ok c""",
        "a session goes on after a token's second use": """
            0-1 login → ok a
            2-3 refresh a → ok b
            4-5 refresh a → refused
            6-7 refresh b → ok c""",
        "a good token is refused": """
            0-1 login → ok a
            2-3 refresh a → refused""",
        "signed out, and still let in": """
            0-1 login → ok a
            2-3 logout → ok
            2-9 cut → ?
            10-11 read → ok""",
    },
}
