"""Items to clean columns: titles, dates, addresses, outlets, identity."""
