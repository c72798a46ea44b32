"""Given names that are common in UK schools: taken out of a question before it is searched, since whoever asks or is asked
about, the rules are the same; and, with much else, before it leaves the building (`assistant/domain/redaction.py`).

Far from all: what else there is shows by its capital letter, by who says or asks, or by the roster.
"""

import re
import unicodedata
from collections.abc import Callable

# No plain words, months or places are among these: they are names in any case.
GIVEN = frozenset(
    """
    aaliyah aaron abbie abby abdul abdullah abigail abdi adam adele adil adrian agnes ahmad ahmed aidan aimee aisha aiden
    aiysha alan alana albert aleksander alex alexa alexander alexandra alexis alfie alfred ali alice alicia alina alisha
    alison aliyah allan alistair alyssa amaan amanda amara amelia amelie amin amina amir amira amit amy ana ananya
    anastasia andre andrea andrew andrzej angela angus anika anisa anita anjali ann anna annabel annabelle anne annie
    anthony anton antonia antonio anya aoife arabella archie aria ariana arjun arlo arthur arya asha ashleigh ashley asim
    aleena athena aurora austin ava avani avery ayaan ayan ayesha aya ayla ayman ayo ayse bartosz beatrice becky ben
    benjamin benji bernadette beth bethan bethany betty bianca bilal billy blessing bobby bradley brandon brenda brendan
    brian bridget bronwyn bryony caitlin callum calum cameron camilla carla carmen caroline carolyn catherine catrin
    cerys charles charley charlie charlotte chantelle cheryl chidi chloe chris christina christine christopher ciara
    cian claire clara clare claudia clive cody colette colin colm connor conor corey courtney craig cristina crystal
    cynthia daanyal damian damien dan dana daniel daniella danielle danny daphne darcey darcy darius darren dave david
    deborah debbie declan deepa delilah delroy demi denise dennis derek dermot diana diane diego dina divya dmitri dominic
    donna dorothy dougie douglas duncan dylan eamon ebony eden edith edward edyta efe eileen eilidh elaine eleanor elena
    elif elijah elise eliza elizabeth ella elle ellen ellie elliot elliott ellis elodie elsa elsie emilia emily emma emmanuel
    emre eoin eric erica erin esme esmeralda esther ethan etienne eugene eva evan evelyn evie ewan ewa ezra fabian faisal
    farah farhan fatima fatimah fatou felicity felix ferdinand fergus fern fiona fletcher floyd fran frances francesca
    francis francisco frankie freddie frederick freya gabriel gabriela gabriella gabrielle gareth gary gavin gemma geoffrey
    george georgie georgina gerald gerard gerry gillian giovanni gloria gordon graham greta gurpreet gwen gwyneth habib
    hadiya hafsa haider hailey hamish hamza hana hanna hannah haris harleen harley harold haroon harriet harris harrison harry
    harvey harvinder hasan hassan hayden hayley heidi helen helena henry hilary hilda hira hollie howard hugh hugo humaira
    hussain hussein iain ian ibrahim idris ifeoma ikram ilyas iman imogen imran inaya ines ingrid ioana iona iqra irene
    irina isaac isabel isabella isabelle isha isla ismail isobel ivan jackson jacob jacqueline jaden jaiden jake jamal james
    jamie jan jane janet janice jannat jared jasleen jasmin jasmina jason jaspreet javier jayden jean jeanette jeff jeffrey
    jemima jen jenna jennifer jenny jeremy jermaine jerome jess jessica jessie jill jim jimmy joan joanna joanne joe joel
    john johnny jonah jonas jonathan jose joseph josephine joshua josie joyce juan jude judith julia julian julie juliet
    justin justyna kaden kai kaitlyn kamil kamal kamran karen karim karl karolina kasia kate katherine kathleen kathryn
    kathy katie katrina katy kaur kayden kayla kayleigh keeley keira keith kelly kelvin ken kenneth kenny keziah khadija
    khadijah khalid kian kiana kiara kieran kim kimberley kira kirsten kirsty krish krishna kristina kwame kyle kyra lacey
    laila lara larissa laura lauren laurence layla leah leanne lee leila leo leon leona leonard leonardo lesley leslie
    leticia lewis lexi lexie liam libby lilian liliana lillian lilly linda lindsay lisa liz lizzie logan lois lola lorcan
    lorenzo lorna lorraine lottie louie louis louisa louise luca lucas lucia lucinda lucy luis luka lukas luke lukasz lydia
    lyla lynn lynne maddie maddison madeleine madison maeve magda magdalena mahmoud maisie malachi malak malcolm malik
    mandeep manraj marcel marcia marcin marco marcus margaret maria mariam marian mariana marie marilyn mario marion marlon
    marta martha martin martina martyn mary maryam mateo mateusz matilda matt matteo matthew maureen maurice maxine
    maximilian maxwell maya mehmet mehwish meera megan mei mel melanie melissa mia micah michael michaela michal michele
    michelle miguel mihai mike mikolaj mila milan millie milo mina minnie mira miriam misha moesha mohamed mohammad mohammed
    mohamud molly mollie mona monica monika morgan moses muhammad muhammed mujtaba musa mustafa myles myra nabil nadia nadine
    nancy naomi natalia natalie natasha nathan nathaniel naveed neha neil nell nellie niall niamh nicholas nicki
    nicola nicolas nicole nigel nikhil nikita nikki nikola nina noah noel noor nora norah noreen norman nusrat oisin ola
    olga oliver olivia oliwia ollie omar orla orlaith oscar osman otis otto owen paddy pamela paolo parveen patricia patrick
    patryk paul paula pauline pavel pawel pedro percy perry peter petra philip phillip phillipa philippa phoebe pierre piotr
    polly pooja poppie preeti priscilla priti priya rachael rachel rafael rafferty rahim rahul raj rajesh ralph ramla
    ramona rania raphael rashid raul raveena raymond rebecca reece reggie rehan reuben rhian rhiannon rhys ria ricardo
    richard ricky riley rita riya robbie robert roberto rodrigo roger rohan roisin roman romeo ronald ronan ronnie rory rosa
    rosalind rosanna roshni rosie ross rowan roxanne roy rubie rudy rufus rukhsana rupert russell ruth ryan rylan saanvi
    sabina sabrina sadie sadia safa saffron safiya sahil saif saima sajid salim sally salma salman sam samantha samia samina
    samir samira samiya sammy samson samuel sana sandra sanjay sanjana santiago saoirse sara sarah sasha saskia sean
    sebastian selena selina seren serena seth shabnam shane shannon shanice sharon shaun shauna shazia sheila shelby
    shelley sherry shirley shivani shreya shona sian sidney sienna sigrid silvia simon simona simone simran siobhan sofia sonia
    sonny sonya sophia sophie stacey stan stanley stefan stella stephanie stephen steve steven stewart stuart sufyan suki
    sukhdeep sumaya suresh surinder susan susanna suzanne sven sylvia syed szymon tabitha tahira talia tamara tamsin tania
    tanisha tanya tara tariq taylor ted teddy teresa terence terry tess tessa thalia thea thelma theo theodore theresa thiago
    thomas tia tiago tiana tiffany tilly tim timothy tina tobias toby tom tomasz tommy tony tracey tracy trevor tristan trisha
    tyler tyrone ugo uma umar usman uzma vanessa vera veronica vicky victoria vihaan vijay vikram vincent viktor viktoria
    vivian vivienne waleed walter wanda waqas warren wayne wei wendy weronika wesley wiktoria wilfred wilhelmina william willow
    wojciech xander xavier yahya yara yasin yasir yasmin yasmine yousef yuki yunus yusra yusuf yvette yvonne zac zach
    zachariah zachary zack zahra zaid zain zainab zak zakariya zane zara zayn zeeshan zeynep ziad zoe zofia zoya zubair zuzanna
    """.split()
)
# Names that are plain words too: only with a capital letter are they names.
ALSO_WORDS = frozenset(
    """
    amber angel archer art august autumn april bailey basil bill blake blue bob bonnie brook brooke carol carter chase
    chelsea christian clay crystal dale daisy dawn dean drew ernest eve faith florence frank gene georgia ginger glen grace
    grant guy harmony harper hazel heath heather holly honey hope hunter india iris ivy jack jade jasmine jewel jordan josh
    joy june justice kit lance lane lily london luna major mark mason max may melody mercy miles nick noble norm olive oak
    paris parker pat patience pearl penny pepper piper poppy precious prince princess ray reed reid rich river rob robin rose
    ruby rusty sandy scarlett sky skye spencer star sterling storm sue summer sunny sydney tiger trinity van victor violet
    wade will winter wren
    """.split()
)
_STROKES = str.maketrans({"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ı": "i"})
SOMEBODY = "somebody"
_NAME = re.compile(r"(?<![\w@./-])[^\W\d_]+(?![\w@]|\.\w)")
_WHO_ASKS = re.compile(r"^\W*[^\W\d_]+(?=(?: is)? (?:asks?|asked|asking|says?|said|wants?|wanted|here)\b)")


def fold(text: str) -> str:
    """A text in lower case, without accents and without what can't be seen."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    plain = "".join(c for c in unicodedata.normalize("NFKD", seen) if not unicodedata.combining(c))
    return plain.translate(_STROKES).casefold()


def nameless(question: str, known: Callable[[str], bool]) -> str:
    """The question with "somebody" for given names, but for those that are `known`: that the policies have themselves."""

    def instead(found: re.Match[str]) -> str:
        word, before = found[0], question[: found.start()].rstrip(" \"'(")
        opens = not before or before[-1] in ".!?:"  # a sentence, where any word has a capital letter
        name = word[0].isupper() and (fold(word) in GIVEN or (fold(word) in ALSO_WORDS and not opens))
        return SOMEBODY if name and not known(word) else word

    asked = _WHO_ASKS.match(question)
    if asked and asked[0].strip()[0].isupper() and not known(asked[0]):
        question = SOMEBODY + question[asked.end() :]
    return _NAME.sub(instead, question)
