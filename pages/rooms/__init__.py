"""Class rooms: a teacher asks, students vote, all kept in a database.

Nothing in here imports streamlit; what people see of a room is in `pages.classroom` and
`pages.ui.room`.
"""
