"""Area tables that add up: elements, ledgers, passports, patches."""
