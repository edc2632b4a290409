"""Cases: alerts, what officers did about them, and evidence of it.

    H1  History is only appended to: each event's digest covers the event before it, in its case
        and in the whole log, so that a change of the past shows.
    H2  Who proposes to close a case does not confirm it, nor does anybody that person enrolled.
    H3  What a customer is shown follows from where the money is, never from whether there is a
        case.

`log` is the chain, `desk` what officers do, `customer` what customers see, `bundle` the evidence.
"""
