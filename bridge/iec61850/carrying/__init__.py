"""Carrying orders to a unit of IEC 61850: its schedules, its settings, its controls, as conversations.

What is asked and heard goes through a generator, so that nothing here sends, keeps an association or asks a
clock. `doing.carry` is the way in; `survey.survey` comes before it and `watch` after it.
"""
