"""The extensions of FHIR questionnaires that are understood, by their addresses."""

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

TRANSLATION = CORE + "translation"
HIDDEN = CORE + "questionnaire-hidden"
CONTROL = CORE + "questionnaire-itemControl"
UNIT = CORE + "questionnaire-unit"
STEP = CORE + "questionnaire-sliderStepValue"
LEAST, MOST = CORE + "minValue", CORE + "maxValue"
CALCULATED = SDC + "calculatedExpression"
ENABLE_WHEN = SDC + "enableWhenExpression"
WEIGHTS = (
    CORE + "itemWeight",
    CORE + "ordinalValue",
    CORE + "questionnaire-ordinalValue",
    SDC + "itemWeight",
    SDC + "ordinalValue",
)
# Ours, for what FHIR has no word for.
CANT_TELL, NONE = "urn:mendline:cant-tell", "urn:mendline:none-of-these"
LINK_ID = "urn:mendline:link-id"
# An item that is a score and no question: so many answers are needed, 0 for all.
SCORE = "urn:mendline:score"
DECIMALS = CORE + "maxDecimalPlaces"
CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"

# How it looks elsewhere; it looks like our own questions here, and says the same.
HARMLESS = frozenset(
    {
        CORE + "questionnaire-choiceOrientation",
        CORE + "questionnaire-displayCategory",
        SDC + "choiceColumn",
        SDC + "columnCount",
        SDC + "preferredTerminologyServer",
        SDC + "width",
        SDC + "shortText",
        SDC + "performerType",
        CORE + "entryFormat",
        CORE + "designNote",
    }
)
# What would be lost without the patient or the clinic seeing it.
LOST = {
    DECIMALS: "how many decimals may be entered is not checked",
    CORE + "regex": "the pattern of the answer is not checked",
    CORE + "questionnaire-constraint": "the rule between answers is not checked",
    CORE + "rendering-xhtml": "its formatting is not kept",
    CORE + "rendering-markdown": "its formatting is not kept",
    CORE + "rendering-style": "its formatting is not kept",
    CORE + "questionnaire-optionExclusive": "the option can be chosen beside others",
    CORE + "questionnaire-supportLink": "the link is not shown",
    CORE + "questionnaire-usageMode": "it is asked whatever the mode",
    CORE + "minLength": "a shortest length is not checked",
}
# What changes the answers or the questions, so that none may go on without it.
REFUSED = {
    SDC + "initialExpression": "an answer that is reckoned beforehand",
    SDC + "answerExpression": "options that are reckoned",
    SDC + "candidateExpression": "options that are reckoned",
    SDC + "contextExpression": "options that are reckoned",
    SDC + "answerOptionsToggleExpression": "options that come and go",
    CORE + "variable": "a variable",
    SDC + "launchContext": "data of the system that asks",
    SDC + "subQuestionnaire": "a questionnaire within it",
    SDC + "sourceQueries": "data of the system that asks",
    SDC + "itemPopulationContext": "data of the system that asks",
    CORE + "questionnaire-unitOption": "a choice of units",
    CORE + "questionnaire-unitValueSet": "a choice of units",
    CORE + "questionnaire-minOccurs": "how often it must be answered",
    CORE + "questionnaire-maxOccurs": "how often it may be answered",
}
