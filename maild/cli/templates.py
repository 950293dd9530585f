"""`template`: the words that maild writes, where they stand and how they look."""

from dataclasses import asdict
from pathlib import Path

import click

from maild.cli import maild, show, site_options
from maild.site.errors import ConfigErrors
from maild.site.samples import samples
from maild.site.templates import Rendered, Templates

language_option = click.option(
    "--language", default="en", show_default=True, help="The language, in two letters, such as lv."
)
queue_option = click.option("--queue", default="", help="As this queue's customers get it.")


@maild.group("template")
def template_() -> None:
    """Look at templates: a file of the site's templates/ goes before the shipped one of the same name."""


@template_.command("list")
@site_options
def template_list(folder: Path, as_json: bool) -> None:
    """List the templates with their languages; * marks the site's own.

    \b
    Example:  maild template list
    """
    templates = Templates(folder)
    for name in templates.names():
        own = {language: templates.is_own(name, language) for language in templates.languages_of(name)}
        item = {"template": name, "languages": list(own), "own": [one for one in own if own[one]]}
        show(as_json, item, f"{name:<16} {' '.join(f'{one}*' if own[one] else one for one in own)}")


@template_.command("show")
@click.argument("name")
@language_option
@queue_option
@site_options
def template_show(name: str, language: str, queue: str, folder: Path, as_json: bool) -> None:
    """Print a template's files as they are written, with where they stand.

    \b
    Example:  maild template show acknowledge --language lv
    """
    templates = Templates(folder)
    pair = templates.files(name, language, queue)
    _say_which(templates, name, language, queue)
    for path in filter(None, pair):
        found = templates.texts[path]
        written = found.octets.decode(errors="replace")
        show(as_json, {"file": found.file, "text": written}, f"{click.style(found.file, bold=True)}\n{written}")
    if pair.html is None and not as_json:
        click.echo("text alone: there is no HTML beside it")


@template_.command("preview")
@click.argument("name")
@language_option
@queue_option
@click.option(
    "--html", "place", type=click.Path(dir_okay=False, path_type=Path), help="Where the HTML goes (else NAME.html)."
)
@click.option(
    "--case", "number", type=click.IntRange(1), default=1, show_default=True, help="Which of the samples to use."
)
@site_options
def template_preview(
    name: str, language: str, queue: str, place: Path | None, number: int, folder: Path, as_json: bool
) -> None:
    """Fill a template with sample values: its text to the terminal, its HTML to a file.

    \b
    Example:  maild template preview acknowledge --language lv --html /tmp/a.html
    """
    cases = list(samples(name))
    if number > len(cases):
        raise click.ClickException(f"there are {len(cases)} samples for {name}")
    values, templates = cases[number - 1], Templates(folder)
    if wrong := list(templates.wrong(name, language, queue)):
        raise ConfigErrors(wrong)
    made = templates.render(name, language, {**values, "queue": queue or values["queue"]})
    _say_which(templates, name, language, queue)
    written = templates.written_in(name, language, queue)
    if written != "en":
        click.echo(f"the values are samples in English; what a mail says of times is in {written!r} too", err=True)
    show(as_json, {"language": written, **asdict(made)}, f"Subject: {made.subject}\n\n{made.text}")
    if place is not None or not as_json:
        _write(made, place or Path(f"{name}.html"))


def _say_which(templates: Templates, name: str, language: str, queue: str) -> None:
    """Say that a template is not written in the language that was asked for, or that it is broken."""
    written = templates.files(name, language, queue).text.partition("/")[0]
    if written != language:
        there = " ".join(templates.languages_of(name))
        click.echo(f"{name} is not written in {language!r}, so this is {written}; it is written in: {there}", err=True)


def _write(made: Rendered, place: Path) -> None:
    if not made.html:
        click.echo("text alone: there is no HTML beside it", err=True)
        return
    place.write_text(made.html, encoding="utf-8")
    click.echo(f"the HTML is in {place}", err=True)
