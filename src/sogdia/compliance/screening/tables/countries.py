"""Country names as sanction lists write them, to ISO 3166-1 alpha-2 codes in lower case."""

from functools import cache

# "code name|other name", one country a line; former states map to their codes of the time's heir
# only where one exists.
_TABLE = """
ad Andorra
ae United Arab Emirates|UAE
af Afghanistan
al Albania
am Armenia
ao Angola
ar Argentina
at Austria
au Australia
az Azerbaijan
ba Bosnia and Herzegovina|Bosnia
bb Barbados
bd Bangladesh
be Belgium
bf Burkina Faso
bg Bulgaria
bh Bahrain
bi Burundi
bj Benin
bm Bermuda
bn Brunei|Brunei Darussalam
bo Bolivia
br Brazil
bs Bahamas|The Bahamas|Bahamas, The
bt Bhutan
bw Botswana
by Belarus
bz Belize
ca Canada
cd Democratic Republic of the Congo|Congo, Democratic Republic of the|DRC
cf Central African Republic
cg Congo|Republic of the Congo|Congo, Republic of the
ch Switzerland
ci Côte d'Ivoire|Cote d'Ivoire|Cote d Ivoire|Ivory Coast
cl Chile
cm Cameroon
cn China|People's Republic of China
co Colombia
cr Costa Rica
cu Cuba
cv Cabo Verde|Cape Verde
cw Curaçao|Curacao
cy Cyprus
cz Czech Republic|Czechia
de Germany
dj Djibouti
dk Denmark
dm Dominica
do Dominican Republic
dz Algeria
ec Ecuador
ee Estonia
eg Egypt
er Eritrea
es Spain
et Ethiopia
fi Finland
fj Fiji
fr France
ga Gabon
gb United Kingdom|United Kingdom of Great Britain and Northern Ireland|UK|Great Britain
gd Grenada
ge Georgia
gh Ghana
gi Gibraltar
gm Gambia|The Gambia|Gambia, The
gn Guinea
gq Equatorial Guinea
gr Greece
gt Guatemala
gw Guinea-Bissau
gy Guyana
hk Hong Kong
hn Honduras
hr Croatia
ht Haiti
hu Hungary
id Indonesia
ie Ireland
il Israel
im Isle of Man|Man, Isle of
in India
iq Iraq
ir Iran|Iran (Islamic Republic of)|Iran, Islamic Republic of|Islamic Republic of Iran
is Iceland
it Italy
je Jersey
jm Jamaica
jo Jordan
jp Japan
ke Kenya
kg Kyrgyzstan
kh Cambodia
km Comoros
kn Saint Kitts and Nevis|St. Kitts and Nevis
kp North Korea|Korea, North|Democratic People's Republic of Korea|DPRK
kr South Korea|Korea, South|Republic of Korea
kw Kuwait
ky Cayman Islands
kz Kazakhstan
la Laos|Lao People's Democratic Republic
lb Lebanon
li Liechtenstein
lk Sri Lanka
lr Liberia
ls Lesotho
lt Lithuania
lu Luxembourg
lv Latvia
ly Libya|Libyan Arab Jamahiriya
ma Morocco
mc Monaco
md Moldova|Republic of Moldova
me Montenegro
mg Madagascar
mh Marshall Islands
mk North Macedonia|Macedonia|North Macedonia, The Republic of
ml Mali
mm Myanmar|Burma
mn Mongolia
mo Macau|Macao
mr Mauritania
mt Malta
mu Mauritius
mv Maldives
mw Malawi
mx Mexico
my Malaysia
mz Mozambique
na Namibia
ne Niger
ng Nigeria
ni Nicaragua
nl Netherlands|The Netherlands
no Norway
np Nepal
nz New Zealand
om Oman
pa Panama
pe Peru
pg Papua New Guinea
ph Philippines
pk Pakistan
pl Poland
ps Palestine|Palestinian|State of Palestine|West Bank|Region: Gaza
pt Portugal
pw Palau
py Paraguay
qa Qatar
ro Romania
rs Serbia
ru Russia|Russian Federation
rw Rwanda
sa Saudi Arabia
sb Solomon Islands
sc Seychelles
sd Sudan
se Sweden
sg Singapore
si Slovenia
sk Slovakia
sl Sierra Leone
sm San Marino
sn Senegal
so Somalia
sr Suriname
ss South Sudan
sv El Salvador
sy Syria|Syrian Arab Republic
sz Eswatini|Swaziland
td Chad
tg Togo
th Thailand
tj Tajikistan
tl Timor-Leste|East Timor
tm Turkmenistan
tn Tunisia
tr Turkey|Türkiye|Turkiye
tt Trinidad and Tobago
tw Taiwan
tz Tanzania|United Republic of Tanzania
ua Ukraine
ug Uganda
us United States|United States of America|USA
uy Uruguay
uz Uzbekistan
va Holy See|Vatican City
vc Saint Vincent and the Grenadines|St. Vincent and the Grenadines
ve Venezuela|Venezuela (Bolivarian Republic of)
vg British Virgin Islands|Virgin Islands, British
vn Vietnam|Viet Nam
vu Vanuatu
ws Samoa
xk Kosovo
ye Yemen
za South Africa
zm Zambia
zw Zimbabwe
"""


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for line in _TABLE.strip().splitlines():
        code, names = line.split(" ", 1)
        codes[code] = code
        codes.update((name.casefold(), code) for name in names.split("|"))
    return codes


def country_code(name: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code for a name or code, or `None` when it is not known."""
    return _codes().get(name.strip().rstrip(".").casefold())
