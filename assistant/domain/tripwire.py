"""Notices, by plain rules, that a message tells of a concern about somebody instead of asking about policy.

Classes of cues are counted, each once: what speaks for a concern adds points, what speaks for a question or small talk
takes some away, and from `_ENOUGH` points on the message goes to the safeguarding desk. Where the message's vector is
at hand, the same cues and the vector are weighed together (`tripwire_weights.py`), which notices what no cue names.
Nobody is judged by it, nothing is sent by it: it offers the form, and whoever is stopped by mistake can ask anyway. What
may well be a question is answered too, beneath the form.

Phrases stand between commas as people type them: lower case, no apostrophes, one spelling (see `_SPELLINGS`). `*` is
any ending, `a/b` either, `(just)` a word that may be there, `~` up to three words, `^` the beginning of a sentence, and
words in capitals are `_LISTS`.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from operator import mul

from assistant.domain.tripwire_weights import BIAS, CUES, VECTOR

LONGEST = 4_000  # characters that are looked at
_ENOUGH = 5
# Hundredths of log odds, with the caution that the weights hold (`_CAUTION` in tests/fit_tripwire.py): below the first a
# message is more likely a question than not, below the second one that asks something may well be.
_LIKELIER_A_QUESTION, _MAY_BE_A_QUESTION = 100, 250


class Desk(StrEnum):
    """Where a message goes; the strictest is last."""

    POLICY = "policy"
    EITHER = "either"  # a question that may be a concern: the form is offered first, and what policies say stands below
    CONCERN = "concern"
    URGENT = "urgent"  # a concern where somebody seems to be in danger now

    @property
    def answers(self) -> bool:
        """Whether what policies say is looked up and shown."""
        return self in (Desk.POLICY, Desk.EITHER)


# What is written in many ways, brought to one; "online" stands for every network and game.
_SPELLINGS = {
    spelling: word
    for line in """i have: ive; we have: weve; they have: theyve; they are: theyre; your: ur; you: u; and: n;
        about: abt bout; when: wen; because: cos coz; someone: sumone somebody; something: smth summat;
        anything: owt; anyone: anybody anyones; nobody: noone; tonight: tonite 2nite; want to: wanna; going to: gonna;
        photo: pic picture image selfie screenshot; photos: pics pictures images selfies; mum: mom mummy;
        message: dm msg text chat; messages: dms msgs texts chats; messaged: dmd msgd texted snapchatted; dad: daddy;
        messaging: dming msging texting snapchatting chatting; suicide: suicde sucide; bruises: bruse bruses brused;
        online: insta instagram snap snapchat tiktok fb facebook roblox whatsapp fortnite discord app""".split(";")
    for word, _, spellings in [" ".join(line.split()).partition(": ")]
    for spelling in spellings.split()
}
_REWRITTEN = (
    (re.compile(r"\b(he|she|it|there|what|who|where|how|that|someone)s\b"), r"\1 is"),
    (re.compile(r"\b(?:do|does|did|is|was|are|wo|ca|have|has|could)nt\b|\b(?:can|do) ?not\b"), "not"),
    (re.compile(r"\bhave to\b"), "must"),
    (re.compile(r"\b(?:years?|yrs?|y) ?(?:\d\d?|one|two|three|four|five|six)s?\b|\b\d\d?[a-hjkx]\b"), "yeargroup"),
)
_LISTS = {
    "CHILD": """child*/kid/kids/lad/lads/lass/girl/girls/boy/boys/pupil*/student*/yeargroup/toddler*/baby/babies/
        youngster*/teenager*/teen/tutee*/daughter*/son/sixth/former*/ex/twins/mine""",
    "FAMILY": """mum*/mother*/dad/dads/father*/parent*/step*/uncle*/aunt*/nan/nana/gran*/brother*/sister*/cousin*/
        boyfriend*/girlfriend*/family/carer*/partner""",
    "ADULT": """FAMILY/teacher*/ta/tas/colleague*/head/heads/headteacher*/deputy/caretaker*/coach*/volunteer*/governor*/
        staff/man/men/bloke*/guy/guys/lady/ladies/manager*/driver*/tutor*/supply/neighbour*/cleaner*/receptionist*/
        senco/trustee*/boss/someone/adult*/assistant*/technician*/mr/mrs/miss/ms/sir/contractor*/photographer*/helper*/
        stranger*/instructor*/leader*/principal/midday*/escort/worker*""",
    "WHO": "CHILD/ADULT/he/she",
    "WHOM": "him/her/them/himself/herself/themselves/someone/each/CHILD",
    "WHOSE": "his/her/their/my/our/the",
    "DOES": """is/are/was/were/being/has/have/had/not/keep/keeps/kept/say/says/said/saying/tells/told/does/did/take/
        takes/took/wants/comes/came/goes/went/looks/thinks/makes/made/sends/sent/gives/gave/gets/got/left/hits/hit/puts/
        put/wrote/ran/threw/brings/brought/hurt/never/always/just/swore/broke/bit/caught/might/swears/screams/cries/
        handles/knows/refuses/sleeps/talks/touches/follows/calls/picks/grabs/flinches/sat/shows/throws""",
    "ABOUT": "about/someone/something/ADULT/CHILD/abuse",
    "TELL": "report/disclose/flag/raise/tell/share/pass/speak/talk/say/log/discuss",
}


def _phrases(text: str) -> re.Pattern[str]:
    """One pattern for phrases as described above. Every gap in it is bounded, so it takes linear time."""
    while re.search("[A-Z]", text):
        text = re.sub("[A-Z]+", lambda name: "".join(_LISTS[name[0]].split()), text)

    def word(written: str) -> str:
        if written in "~^":
            return r"(?:\w+ ){0,3}" if written == "~" else r"\. "
        either = re.escape(written.strip("()")).replace(r"\*", r"\w*").replace("/", "|")
        return f"(?:(?:{either}) )" + "?" * written.startswith("(")

    return re.compile("(?<= )(?:" + "|".join("".join(map(word, p.split())) for p in text.split(",") if p.strip()) + ")")


# Harm and risk, by kind. Told of somebody these alarm; asked about in general they do not.
_HARM = {
    "neglect and home": """neglect*, hungry, filthy, left ~ on WHOSE own, left (home) alone, locked ~ in/out,
        lock*/locking WHOM, nobody ~ looking after, not/never ~ eat/eaten/fed,
        no food/bed/heating/breakfast/coat/shoes/lunch, lives/living/sleeping in a/the car/van/tent, domestic*, violen*,
        drunk, drinking, alcohol, off WHOSE face/head, smel*/stink*/stank of, arrested, police, not cope""",
    "hurt": """bruis*, black eye*, burn*, belt/belted, slap*, smack*, thump*, punch*, strangl*, chok*, batter*,
        beat/beats/beating/beaten ~ WHOM/up/it, hit/hits/hitting ~ WHOM,
        kick*/bit/bite*/shak*/shook/shov*/push*/pin*/slam*/throw*/threw/yank*/pull* ~ WHOM, hurt* ~ WHOM,
        mark/marks on/all/down/round/around/across, flinch*, grab*/drag*/manhandl*/restrain* ~ WHOM/by,
        scream*/shout*/yell* ~ at WHOM/the, humiliat*, laugh* at WHOM, force* fe*, forc* WHOM, made/mak* WHOM,
        call* WHOM/CHILD a/fat/stupid/thick/names, call a CHILD, terrified, scared, frightened""",
    "sexual": """abus*, rape*, assault*, touch*/tuch*/feel*/felt/strok*/tickl*/massag* ~ WHOM/up/inappropriately,
        hands on/down/up, private part*, naked, nude*, porn*, sex*, pregnan*, grop*, bikini, knickers, paedo*, pedo*,
        perv*, rude/dodgy/indecent/explicit/inappropriate/sexy photo*/video*/message*/comment*/joke*, sleep*/slept with,
        in/into ~ bed with, do*/did stuff/things to/with, kiss*, on ~ lap/knee""",
    "self-harm": """self harm*, cut/cuts/cutting ~ himself/herself/themselves/arm*/leg*/wrist*/thigh*, suicid*, kill*,
        want*/wish* ~ die/dead/disappear, overdos*, paracetamol, pills, tablets, end* it/everything,
        tak*/end* WHOSE (own) life, not want/wants ~ here/alive/live/exist, not ~ be/worth ~ here/alive/living,
        better off dead/without, hang* ~ himself/herself/themselves/from, jump* ~ off/bridge/window,
        mak*/made himself/herself sick, harm* WHOM""",
    "peers": """bully*/bullied, upskirt*, deepfake*, fake account/page/profile, racis*,
        spread*/sent/going/gone/passed/goes round/around, gang* up, harass*, stalk*,
        horrible/vile/nasty/horrid/disgusting ~ page/account/message*/comment*/thing*/stuff/video*/photo*,
        film*/record*/video* ~ CHILD/WHOM""",
    "exploitation and belief": """radicali*, extremis*, nazi*, swastika*, terroris*, bomb*, fgm, circumcis*,
        get*/be/got married, marry, join ~ fight*, groom*, gangs, exploit*, traffick*, blackmail*, sextort*, threat*,
        drug*, drop/drops/carry/deliver* ~ stuff/things/package*, knife*, knives, gun, guns, weapon*, stab*,
        older/grown/strange/random boyfriend/man/men/lad*/guy*/boy*/bloke*/girl*/people,
        met/meets/meeting/meet ~ online, creep*, catfish*, ask*/beg*/pester*/want* ~ photo*/meet,
        money/paid/pay*/offer* ~ photo*, missing, run/ran/runs/running away/off/out, where WHO/WHOM live*""",
    "staff": """door/blinds shut/closed/locked, shut*/lock*/clos* ~ door/blinds, over/too familiar/friendly,
        inappropriate*, affair, relationship/feelings/sleeping/involved with/for, flirt*, favourit*, keep quiet,
        cover* up/it/something/for, behind closed doors, alone with ~ CHILD, messaging/messages/messaged ~ CHILD""",
}  # fmt: skip
# What can be a sign of something, and by itself is not.
_SIGN = """nits, withdrawn, quiet, cry*, cries, cried, tears, upset, distress*, not WHOSE self, tired, asleep, dirty,
    clothes, lost ~ weight, new phone/trainers, gift*, present*, secret*, private*, night*, older, online, photo*,
    video*, message*, alone, lift, lifts, weird, odd, strange*, dodgy, home, picked up, collected, promise*, FAMILY,
    happened, vape*, smok*, refus*, steal*, nick*, comments, followed, following, added, angry, blood*"""
# Whoever writes saw, heard or was told something.
_WITNESS = """i have/just ~ seen/heard/noticed/found/overheard/witnessed/spotted/caught/had/been, i was/were told,
    i saw/heard/noticed/found/overheard/overhead/witnessed/spotted/caught/walked/see/think/suspect/reckon/believe,
    ^ (just) saw/seen/heard/noticed/found/overheard/witnessed/spotted/caught/been,
    tells/told/telling/showed/shown/said/says/saying/confid*/admitted/disclosed (to/in) me/us/WHOM, suspected,
    came/come/comes to me, disclosed, * keeps/says/said/told/admitted/claims/reckons/saying,
    reported/posted/mentioned ~ that, apparently, rumour*"""
# Something has happened, or goes on, with somebody.
_EVENT = """WHO (WHO) DOES/*ed, he/she *s/*ing, WHO in/at/from/of/on/off/next/and/who/that/has ~ DOES/*ed/*ing,
    WHO ~ is/was/has/might/keeps/says/said/been, his/her * DOES, mr/mrs/miss/ms/sir ~ DOES/*ed/*ing/*s,
    WHO ~ *ing WHOM/WHOSE/a/photos/about/with/on/to/at, WHO *s/*es WHOM/WHOSE/a/that, nobody/they/been ~ WHOM/CHILD,
    they (have/are/were) *ed/*ing, there is/was/are ~ WHOM/CHILD/ADULT/page/account/video*/photo*/round,
    ^ * has/is/was/keeps (been) *ing/*ed, ^ * keeps,
    ^ (he/she/just) comes/came/coming/never/keeps/always/turned/turns/hasnt/goes"""
# Not just anybody.
_PARTICULAR = """he, she, him, her, his, hers, j/m/t/l/d/e/h/p/b/g, himself, herself,
    one/two/some/couple of my/our/mine/ours/the, this/that/these/those/my/our/another CHILD/ADULT,
    my/our class/form/group, mr/mrs/miss/ms/sir, the (new) ADULT, the * ADULT"""
_WHEN = """today, this morning/afternoon/week/lunch*/evening, yesterday, last night/week*/term/year, just now, again,
    every/all day/morning/night/week/time/weekend, weeks, months, since, recently, lately, after school/pe/swimming"""
_UNEASE = """worried, worry about, worrying, worries me, concerned, concerns/concern about/regarding/over, uneasy,
    uncomfortable, not ~ comfortable/right/happy ~ with/about/how/the, not (really/quite) sit/feel/look/seem right/well,
    something ~ off/wrong/up with, bad/gut/funny/horrible feeling, feel/felt/feeling sick, upsetting, disturbing,
    something bad, (for) concern about/re/regarding/for/in/with, ^ (safeguarding/cause) (for) concern,
    not/probably/might/may/could be nothing/something, not sure ~ anything/something/nothing/serious,
    bothering/bugging me, not stop thinking, scared for, red flag*, unconscious, not breathing, lost a CHILD"""
# Asks to be heard.
_OPENING = """anonymous note/letter/complaint/message, get/getting WHOM/anyone/someone in trouble/bother,
    told me something, am i overreacting/being, should i be/worry ~ about/that, normal/usual for/that/if ~ CHILD,
    in confidence, confidentially, this confidential, off the record,
    not/dunno ~ know who/where/what/how to tell/go/do/turn/talk/speak/say,
    ^ (hi/hello/so/and/but) (i/we) (think) (i) (really/just/would) need/want/like/ought/should/got (to) TELL ~ ABOUT,
    but/and/so/think i (really) need/want/ought/should/must (to) TELL,
    make/making a/an disclosure/report/allegation/referral, a (safeguarding) disclosure ~ from/made/about/to,
    an allegation ~ against/about, can/could/may i TELL ~ something/someone/you/about, a word ~ about,
    something to TELL, TELL to the/a dsl/safeguarding ~ about, who can/should i TELL ~ about a/my/one,
    anyone/someone i can TELL ~ about a/one/my CHILD/ADULT, something has/* happened, something happened,
    safeguarding thing/issue/matter/problem ~ with/in/about, need the dsl, something about ~ ADULT/CHILD"""
_ASKING = """^ (and/so/but/hi/hello/please) can/does/did/is/are/what/who/how/which/where/should/must/would/will/why/if/do,
    ^ (and/so/but) when/could/have/has/am/may i/we/you/they/there/anyone/staff/the,
    ^ (and/so/but) when do/does/is/are/can/should/will, ^ (and/so/but) could/may/when a/CHILD/ADULT,
    can/should/could/must/may/shall/do/am/are/would i/we/they/you/staff,
    is it/that/this ok/okay/alright/fine/allowed/legal/our/against/a/written/right, ok to,
    i/we/they/it/staff/pupils/that/this allowed, tell me what/how/about/where, wondering, wonder,
    need/like/want* to know, looking for, link to, remind me, how do/long/many/old,
    asked/asks if/whether/who/what/when/where/how, is/are/been asking if/whether/who/what,
    want* to use/bring/join/run/volunteer/set"""
# Asks what to do, as those who report do too.
_ADVICE = """what do/should/can/shall/would i/we (do/say), what now, who do/should/can/shall i/we TELL/go/ask,
    do/should i/we (need/must) (to) TELL, need/must (to) do, can i report, has anyone else,
    how do/should i/we deal/handle/help/report, what to do, please help"""
_BOOKISH = """policy, policies, procedure*, guidance, the rule/rules, hypothetical*, essay, defin*, what ~ mean,
    signs of, what counts, count as, difference between, ofsted, kcsie, staff meeting, doing a/an/my/our,
    i/we/staff supposed to, forms, dbs, gdpr, consent form*, illegal, covered by, sanction*, consequence*,
    risk assessment, whistleblow*, says/said i/we can/not/need/should/must/may"""
# The asker's own account, post, gift or friends; then what the office sees to, and chatter.
_OWN = """friend request, follow/followed/following/add/added/adding/tagged/befriend*/friended me, ask* for my,
    ask* me/us to be/follow/add/accept/join/go/come/tutor/babysit, asked/wants to follow/add, about me/us, of me,
    gave/bought/slipped/offered me,
    my (school/work/private/best) password/laptop/phone/profile/account/page/post/photo/lanyard,
    my (best) mate*/friend*/niece/nephew/neice/son/daughter/husband/wife, our (school/class) page/account/post,
    me (on) online, my space/room, slag*/rude ~ us/school/me, school page/account/website"""
_ERRAND = """payslip, payroll, pension, my pay/contract/workload/absence, hr, maternity, parking, fault, annual leave"""
_CHATTER = """lol, haha*, hehe, ^ morning ., love this/it/you, lovely, brilliant, amazing, so funny, cake*,
    is it friday, knackered, bonkers, doughnut*, nightmare, hyper, yay, finally, wet play, kept me up, mug"""
_NOW = """now, tonight, today, tomorrow, home time, hometime, in a minute, about to, after school, at the gate*,
    urgent*, emergency, asap, help, going to, suicid*, kill*, want*/wish* ~ die/dead/disappear, overdos*, paracetamol,
    pills, tablets, swallow*, taken something, end it, missing, lost a CHILD, has/is/have taken/left/gone, walked out,
    knife, knives, gun, weapon*, blade, stab*, bleed*, blood, wrist*, neck, unconscious, not breathing, seizure,
    collapsed, roof, railings, bridge, locked, ran/run away/off/out, terrified, scared, refus*, not want to go home,
    nobody ~ answering, driv*, car, van, flight, flying, outside, waiting, is here, following, kicking off, goodbye,
    still, jump* ~ off, threat*, has just, labour, in reception, come quick*, please hurry, right now, as we speak,
    passed out, not ~ wake/breathe/stand, being sick, spiked, overdose, top floor, balcony, train tracks, railway,
    platform, petrol, lighter, broken bottle, court order, not allowed ~ near, by the time you, trying to take,
    trying to get in, in the playground, in the toilets, medical room, parked ~ up/outside, go home with, go* home at,
    at 3/4/half/three/four, meet* ~ at, on WHOSE way, coming to get, turned up, baby"""

_ASKS_SOMETHING = (_phrases(_ADVICE), _phrases(_ASKING))

# The points of each class of cue, most telling first.
_POINTS = (
    (11, _phrases(_OPENING)),
    (4, _phrases(_UNEASE)),
    (3, _phrases("that ~ WHO DOES/*ed, that one ~ DOES, that * is/keeps always/coming/being")),
    (3, _phrases(",".join(_HARM.values()))),
    (4, _phrases(_EVENT)),
    (2, _phrases(_WITNESS)),
    (1, _phrases("WHO")),
    (1, _phrases(_PARTICULAR)),
    (1, _phrases(_SIGN)),
    (1, _phrases(_WHEN)),
    (2, _ASKS_SOMETHING[0]),
    (-6, _ASKS_SOMETHING[1]),
    (-5, _phrases(_BOOKISH)),
    (-4, _phrases(_OWN)),
    (-5, _phrases(_CHATTER)),
    (-8, _phrases(_ERRAND)),
)
_HAPPENED, _BESIDE = _phrases(_EVENT), 2  # something has happened beside what is asked
_DANGER = _phrases(_NOW)
_QUESTION = r"(?:wh(?:at|o|ere|ich|y)|how|do|does|did|is|are|am i|can|could|should|must|has|when (?:do|is|can)) "
_ASKED = re.compile(rf"(?<= )\. {_QUESTION}[^.]*")
# What is only supposed, up to the end of the sentence: "if a child ...", but not "if he ...", who is somebody; and in a
# question also "when a child ..." and "a child who ...", but not "a child who has just ...".
_SUPPOSED = re.compile(
    r"(?<= )(?:if|whenever|in case|unless|supposing) (?!he |she |it |this |that |i have |i saw )[^.]*"
    rf"|(?<=\. ){_QUESTION}[^.]*? (?:(?:when|where|once|after) (?!he |she )|"
    r"(?:child|children|pupils?|students?|kids?|staff|colleague|teacher|parents?|people|anyone) "
    r"(?:who|whose|being|\w+ed|\w+ing) (?!me |us |just |keeps |told |has just |is told ))[^.]*"
)


def _normal(text: str) -> str:
    """Lower case, plain letters, no apostrophes, one spelling; sentences begin with " . "."""
    text = unicodedata.normalize("NFKD", re.sub("['’]", "", text[:LONGEST]).upper()).casefold()
    text = text.encode("ascii", "ignore").decode()
    text = " ".join(re.findall(r"[a-z0-9]+|[.?!;:,\n]", text))
    for pattern, rewritten in _REWRITTEN:
        text = pattern.sub(rewritten, text)
    words = (_SPELLINGS.get(word, word) for word in text.split())
    return " . " + " ".join(word if word[0].isalnum() else "." for word in words).strip(" .") + " "


def cues(text: str) -> tuple[float, ...]:
    """Which classes of cues a message has, each 0 or 1, and last the points that they make."""
    text = _normal(text)
    told = _SUPPOSED.sub("", text)
    found = [float(bool(cue.search(told if weight > 0 else text))) for weight, cue in _POINTS]
    points = sum(weight * hit for (weight, _), hit in zip(_POINTS, found, strict=True))
    beside = _ASKED.sub("", told)
    if beside != told and _HAPPENED.search(beside):
        points += _BESIDE
    return (*found, points)


def desk_for(text: str, vector: Sequence[float] = (), *, searched_here: bool = False) -> Desk:
    """Which desk a message goes to. `vector`: its embedding by MiniLM, 384 numbers of length 1, where there is one.

    `searched_here`: whether policies are searched without anything leaving this process; only then may a message go to
    either desk.
    """
    found = cues(text)
    enough = found[-1] >= _ENOUGH
    if len(vector):
        weighed = BIAS + sum(map(mul, CUES, found)) + sum(map(mul, VECTOR, vector))
        enough = weighed > 0
    if not enough:
        return Desk.POLICY
    if len(vector) and searched_here:
        asks = "?" in text or any(cue.search(_normal(text)) for cue in _ASKS_SOMETHING)
        if weighed < (_MAY_BE_A_QUESTION if asks else _LIKELIER_A_QUESTION):
            return Desk.EITHER
    return Desk.URGENT if _DANGER.search(_normal(text)) else Desk.CONCERN
