"""An exam → a QTI 1.2 package for Canvas ("Settings", "Import Course Content", "QTI .zip file").

    Number        numerical: the answer with its tolerance; wrong answers show all typical mistakes
    Choice        multiple choice: wrong options have the mistake as their feedback
    Subset        multiple answers: all right ones and no others; Canvas itself gives part of the points
    Order         matching, one pair per place
    Derivation    essay: the rubric and the model answer are the feedback, and the points are given by hand

Each version is a quiz. Formulas stay TeX between \\( and \\), which Canvas draws with MathJax; pictures are
files of the package. The structure is that of Canvas' own exports: canvas-lms, lib/cc/qti/qti_items.rb.
Format: IMS Question & Test Interoperability, ASI XML binding, version 1.2 (2002).
"""

import html
import io
import zipfile
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from courseware.practice import rendering
from courseware.practice.exam import Exam, Version
from courseware.practice.question import Choice, Derivation, Number, Order, Picture, Question, Subset
from courseware.practice.writing import plain

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
CONTENT = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
FILES = "$IMS-CC-FILEBASE$"
"""What Canvas replaces by the folder of the imported files."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the package, so that the same exam gives the same bytes."""
TYPES = {
    Number: "numerical_question",
    Choice: "multiple_choice_question",
    Subset: "multiple_answers_question",
    Order: "matching_question",
    Derivation: "essay_question",
}


def export(exam: Exam) -> bytes:
    """All versions of an exam as one zip file: a quiz per version, its pictures, and the manifest."""
    quizzes = {f"version_{v.letter}/version_{v.letter}.xml": quiz(exam, v) for v in exam.versions}
    pictures = {
        _picture_name(version, number): question.figure.png
        for version in exam.versions
        for number, question in enumerate(version.questions, 1)
        if question.figure
    }
    return _zipped({"imsmanifest.xml": _manifest(exam, quizzes, pictures), **quizzes, **pictures})


def quiz(exam: Exam, version: Version) -> bytes:
    """One version as a QTI document.   version: one of the exam's."""
    root = Element("questestinterop", xmlns=QTI)
    name = f"Midterm {exam.seed}, version {version.letter}"
    assessment = SubElement(root, "assessment", ident=f"lsml_{exam.seed}_{version.letter}", title=name)
    _metadata(assessment, {"cc_maxattempts": 1, "qmd_timelimit": exam.minutes})
    section = SubElement(assessment, "section", ident="root_section")
    for number, question in enumerate(version.questions, 1):
        place = f"{version.letter}{number:02d}"
        item = SubElement(
            section, "item", ident=f"lsml_{exam.seed}_{place}", title=f"{place} {question.template}"
        )
        _fill(item, question, _picture_name(version, number))
    return _document(root)


def _fill(item: Element, question: Question, picture: str) -> None:
    """Metadata, text, controls, right answers and feedback, in the order of the format."""
    answer = question.answer
    ids = [f"{item.get('ident')}_{i}" for i in range(_parts(question))]
    fields = {"question_type": TYPES[type(answer)], "points_possible": question.points}
    if ids:
        fields["original_answer_ids"] = ",".join(ids)
    _metadata(SubElement(item, "itemmetadata"), fields)
    presentation = SubElement(item, "presentation")
    prompt = rendering.to_html(question.prompt, rendering.tex)
    _material(presentation, prompt + (_image(question.figure, picture) if question.figure else ""))
    processing = Element("resprocessing")
    outcomes = SubElement(processing, "outcomes")
    SubElement(outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    feedback = {"general_fb": _solution(question)}
    _feedback_if(processing, "general_fb")
    match answer:
        case Number():
            feedback |= _number(presentation, processing, answer)
        case Choice():
            feedback |= _choice(presentation, processing, answer, ids)
        case Subset():
            _subset(presentation, processing, answer, ids)
        case Order():
            _matching(presentation, processing, answer, ids)
        case Derivation():
            _essay(presentation)
    item.append(processing)
    for ident, content in feedback.items():
        flow = SubElement(SubElement(item, "itemfeedback", ident=ident), "flow_mat")
        _material(flow, content)


def _parts(question: Question) -> int:
    """How many options or pairs need an identifier."""
    match question.answer:
        case Choice(options=parts) | Subset(items=parts) | Order(items=parts):
            return len(parts)
        case _:
            return 0


def _number(presentation: Element, processing: Element, answer: Number) -> dict[str, str]:
    response = SubElement(presentation, "response_str", ident="response1", rcardinality="Single")
    field = SubElement(response, "render_fib", fibtype="Decimal")
    SubElement(field, "response_label", ident="answer1")
    right = _right(processing)
    either = SubElement(right, "or")
    _condition(either, "varequal", f"{answer.value:.10g}")
    within = SubElement(either, "and")
    _condition(within, "vargte", f"{answer.value - answer.tolerance:.10g}")
    _condition(within, "varlte", f"{answer.value + answer.tolerance:.10g}")
    if not answer.mistakes:
        return {}
    _feedback_if(processing, "general_incorrect_fb")
    mistakes = "\n".join(f"- {plain(m.answer)}: {m.reveals}" for m in answer.mistakes)
    text = f"Not right. Typical mistakes:\n\n{mistakes}"
    return {"general_incorrect_fb": rendering.to_html(text, rendering.tex)}


def _choice(presentation: Element, processing: Element, answer: Choice, ids: list[str]) -> dict[str, str]:
    _options(presentation, answer.options, ids, "Single")
    found = {}
    for i, ident in enumerate(ids):
        if mistake := answer.mistake_at(i):
            found[f"{ident}_fb"] = rendering.to_html(mistake.reveals, rendering.tex)
            _feedback_if(processing, f"{ident}_fb", equal=ident)
    _condition(_right(processing), "varequal", ids[answer.right_position])
    return found


def _subset(presentation: Element, processing: Element, answer: Subset, ids: list[str]) -> None:
    _options(presentation, answer.items, ids, "Multiple")
    together = SubElement(_right(processing), "and")
    for i, ident in enumerate(ids):
        _condition(together if i in answer.right else SubElement(together, "not"), "varequal", ident)


def _matching(presentation: Element, processing: Element, answer: Order, ids: list[str]) -> None:
    """The places are asked for one by one.   ids: of the places."""
    matches = [f"{ident}_match" for ident in ids]
    for ident, place, i in zip(ids, answer.place_names, answer.right, strict=True):
        response = f"response_{ident}"
        row = SubElement(presentation, "response_lid", ident=response)
        _material(row, rendering.inline(place, rendering.tex))
        choices = SubElement(row, "render_choice")
        for item, match in zip(answer.items, matches, strict=True):
            label = SubElement(choices, "response_label", ident=match)
            SubElement(SubElement(label, "material"), "mattext").text = rendering.plain_text(item)
        met = SubElement(processing, "respcondition")
        _condition(SubElement(met, "conditionvar"), "varequal", matches[i], response)
        points = SubElement(met, "setvar", action="Add", varname="SCORE")
        points.text = f"{100 / len(ids):.2f}"


def _essay(presentation: Element) -> None:
    response = SubElement(presentation, "response_str", ident="response1", rcardinality="Single")
    SubElement(SubElement(response, "render_fib"), "response_label", ident="answer1", rshuffle="No")


def _options(presentation: Element, texts: Iterable[str], ids: list[str], cardinality: str) -> None:
    response = SubElement(presentation, "response_lid", ident="response1", rcardinality=cardinality)
    choices = SubElement(response, "render_choice")
    for text, ident in zip(texts, ids, strict=True):
        _material(SubElement(choices, "response_label", ident=ident), rendering.inline(text, rendering.tex))


def _right(processing: Element) -> Element:
    """A condition that gives all points; what it asks for is added to what is returned."""
    met = SubElement(processing, "respcondition")
    met.set("continue", "No")
    condition = SubElement(met, "conditionvar")
    SubElement(met, "setvar", action="Set", varname="SCORE").text = "100"
    return condition


def _feedback_if(processing: Element, feedback: str, *, equal: str | None = None) -> None:
    """Show the feedback if the response is `equal`, or always."""
    met = SubElement(processing, "respcondition")
    met.set("continue", "Yes")
    condition = SubElement(met, "conditionvar")
    if equal is None:
        SubElement(condition, "other")
    else:
        _condition(condition, "varequal", equal)
    SubElement(met, "displayfeedback", feedbacktype="Response", linkrefid=feedback)


def _condition(parent: Element, kind: str, value: str, response: str = "response1") -> None:
    SubElement(parent, kind, respident=response).text = value


def _solution(question: Question) -> str:
    if not isinstance(question.answer, Derivation):
        return rendering.to_html(question.solution_steps, rendering.tex)
    rubric = "\n".join(f"- {line.points}: {line.step}" for line in question.answer.rubric)
    text = f"**Rubric** (points: step)\n\n{rubric}\n\n**Model answer**\n\n{question.solution_steps}"
    return rendering.to_html(text, rendering.tex)


def _image(picture: Picture, name: str) -> str:
    return f'<p><img src="{FILES}/{name}" alt="{html.escape(picture.alt)}"></p>'


def _picture_name(version: Version, number: int) -> str:
    return f"pictures/{version.letter}{number:02d}.png"


def _material(parent: Element, content: str) -> None:
    SubElement(SubElement(parent, "material"), "mattext", texttype="text/html").text = content


def _metadata(parent: Element, fields: Mapping[str, str | int]) -> None:
    metadata = SubElement(parent, "qtimetadata")
    for label, entry in fields.items():
        field = SubElement(metadata, "qtimetadatafield")
        SubElement(field, "fieldlabel").text = label
        SubElement(field, "fieldentry").text = str(entry)


def _manifest(exam: Exam, quizzes: Iterable[str], pictures: Iterable[str]) -> bytes:
    manifest = Element("manifest", identifier=f"lsml_{exam.seed}", xmlns=CONTENT)
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "IMS Content"
    SubElement(metadata, "schemaversion").text = "1.1.3"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    for kind, paths in (("imsqti_xmlv1p2", quizzes), ("webcontent", pictures)):
        for path in paths:
            name = path.replace("/", "_").replace(".", "_")
            resource = SubElement(resources, "resource", identifier=name, type=kind, href=path)
            SubElement(resource, "file", href=path)
    return _document(manifest)


def _document(root: Element) -> bytes:
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def _zipped(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        for name, content in files.items():
            package.writestr(zipfile.ZipInfo(name, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()
