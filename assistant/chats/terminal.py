"""Cards in a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from assistant.cards import Button, Card, Facts, Form, Items, Quote, Row, Text


def show(console: Console, card: Card) -> None:
    """Print a card; its buttons and forms have no place in a terminal."""
    console.print(f"[bold]{escape(card.title)}[/]")
    for part in card.parts:
        match part:
            case Text(text=text, style=style):
                mark = {"plain": "", "note": "dim", "warning": "yellow"}[style]
                console.print(escape(text), style=mark, highlight=False)
            case Quote():
                _quote(console, part)
            case Items(items=items):
                for item in items:
                    console.print(f"  • {escape(item)}", highlight=False)
            case Facts(facts=facts):
                for label, said in facts:
                    console.print(f"  {escape(label)}: {escape(said)}", highlight=False)
            case Row(label=label, facts=facts):
                console.print(f"  • {escape(', '.join((*reversed(facts), label)))}", highlight=False)
            case Button() | Form():
                pass


def _quote(console: Console, quote: Quote) -> None:
    lines = [f"[dim]{escape(quote.lead_in)}[/]"] if quote.lead_in else []
    text = "".join(
        f"[bold]{escape(t)}[/]" if strong else escape(t) for piece in quote.stretches() for t, strong in piece
    )
    lines += [f"“{text}”", f"[cyan]{escape(quote.citation)}[/]"]
    lines += [f"[yellow]{escape(quote.note)}[/]"] if quote.note else []
    console.print(Padding("\n".join(lines), (1, 2, 0, 2)), highlight=False)
