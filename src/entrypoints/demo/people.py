"""Who trades on the marketplace."""

PLATFORM = "Lantern Market"
COURIER = "Swift & Sons Couriers"
SELLERS = (
    "Maple Street Bakery",
    "Clay & Kiln",
    "Second Page Books",
    "Juniper Candles",
    "Old Harbour Coffee",
    "Wool Gathering",
    "Bright Bicycles",
    "The Seed Drawer",
)
BUYERS = (
    "Ada Okafor",
    "Ben Castellano",
    "Chiara Rossi",
    "Dmitri Volkov",
    "Elif Şahin",
    "Farah Haddad",
    "Georg Müller",
    "Hana Sato",
    "Ines Carvalho",
    "Jonas Lindqvist",
    "Kavya Iyer",
    "Liam O'Brien",
    "Mei Chen",
    "Nadia Benali",
    "Oskar Wiśniewski",
    "Priya Nair",
    "Quentin Dubois",
    "Rosa Delgado",
    "Samir Khan",
    "Tereza Nováková",
    "Uma Johansen",
    "Viktor Horváth",
    "Wanjiru Kamau",
    "Yusuf Demir",
)
ARTICLES = (
    "two loaves of rye",
    "a glazed bowl",
    "three paperbacks",
    "a set of candles",
    "coffee for a month",
    "a hand-knit scarf",
    "a child's bicycle",
    "seeds for the balcony",
    "a birthday cake",
    "a teapot",
    "an atlas",
    "a repaired wheel",
)
